//! What holds whatever the content: a walk through a list gives every item once.

mod busy;
mod deep;
mod newsroom;
mod orders;
mod searches;
mod ten_thousand;
mod walks;
