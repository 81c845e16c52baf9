//! Reading and storing rates.

mod feeds;
mod held;
mod judge;
mod read;
mod sources;
mod store;

pub use feeds::{Trouble, claim, feed_row, poll_failed, poll_succeeded, wake};
pub use held::{Held, NotHeld, held, is_waiting, release};
pub use read::{Absent, Reader, priced_by};
pub use sources::{Standing, dates, newest_date, standings};
pub use store::{Arrival, Channel, Outcome, store};
