//! Connections that say nothing are closed.
//!
//! actix could time the first head of a connection and the silence after an answer, but not half of a second head, or a body
//! that nobody asked for. And its clock moves twice a second only, so that of thousands which came in one second all would be
//! closed in two goes while everyone else waits. So every connection is known here, with whether a request is under
//! way on it and until when it may be idle, and those that are idle for longer are shut down, a few at a time. One whose peer takes
//! no more bytes is ended by the kernel (`TCP_USER_TIMEOUT`).

mod bodies;
mod ends;
mod first;
mod stream;

use std::cell::Cell;
use std::collections::{BTreeMap, HashMap};
use std::net::{IpAddr, TcpListener};
use std::rc::Rc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use actix_web::rt::net::TcpStream;
use ipnet::IpNet;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use socket2::{SockRef, Socket};

use bodies::Arrived;
pub use bodies::{until_sent, watch_body};
use stream::Flow;
pub use stream::Stream;

use super::admission::Place;
use super::network::network;

/// For how long a connection may be idle after a request.
const IDLE: Duration = Duration::from_secs(30);
/// For how long after an answer to a body of a stated length that had not all come: the connection is to end, but who sends is still
/// sending, and would lose the answer if it ended at once.
const GOODBYE: Duration = Duration::from_secs(1);
/// How long the first head of a connection may take.
const FIRST_HEAD: Duration = Duration::from_secs(5);
/// For how long bytes may wait that the peer does not take.
const UNTAKEN: Duration = Duration::from_secs(20);
/// How many bytes the kernel takes that it can't send yet. Without a bound it keeps megabytes for a peer who takes nothing, and
/// at some thousands of those the machine runs short for everyone. Even with 64 KB for each it takes so long to find the memory that
/// others have to wait.
const UNSENT: u32 = 16 * 1024;
/// How many connections may wait to be accepted; the kernel takes its own limit where that is lower.
const BACKLOG: i32 = 4096;
/// How often idle ones are looked for.
const EVERY: Duration = Duration::from_secs(1);
/// So many are looked at at once.
const LOOK: usize = 256;
/// How many pauses are made at the most while those are closed. Eight of them take less than a millisecond.
const PAUSES: usize = 32;
/// How long those who are served have their turn before more are closed.
const PAUSE: Duration = Duration::from_millis(1);

/// All connections of the process, shared by cloning.
#[derive(Clone)]
pub struct Connections(Arc<Table>);

struct Table {
    started: Instant,
    next: AtomicU64,
    open: Mutex<Open>,
    /// Most connections of one address; none when there is no limit.
    most: Option<u32>,
    trusted: Vec<IpNet>,
}

#[derive(Default)]
struct Open {
    all: BTreeMap<u64, Arc<Connection>>,
    by_address: HashMap<IpAddr, u32>,
}

/// One connection.
struct Connection {
    /// The same socket under a number of its own, so that shutting it down can't meet another one.
    socket: Socket,
    /// Requests under way.
    busy: AtomicU32,
    /// When the table was made.
    started: Instant,
    /// Until when it may be idle, in milliseconds since then.
    idle_until: AtomicU64,
}

/// An open connection, as those know it who read from it and who answer. It is in the table until nobody does any more.
pub struct Known {
    connection: Arc<Connection>,
    flow: Flow,
    /// The place of a request that was passed on to the server.
    place: Cell<Option<Place>>,
    table: Arc<Table>,
    id: u64,
    address: Option<IpAddr>,
}

/// A request under way; the connection is idle again when it is dropped.
pub struct Busy {
    known: Rc<Known>,
    /// Whether its body is read; where it is not, or there is none, nothing more is read until it is answered.
    reads: bool,
    body: Option<Arrived>,
}

impl Connections {
    /// At most so many from one address, but for trusted proxies.
    pub fn new(most: Option<u32>, trusted: Vec<IpNet>) -> Self {
        let (started, next, open) = (Instant::now(), AtomicU64::new(1), Mutex::default());
        Self(Arc::new(Table { started, next, open, most, trusted }))
    }

    /// Has the kernel end connections whose peer takes nothing, hold little for each, and send what it has at once: without that the
    /// end of an answer in several pieces waits for the peer to acknowledge its beginning, for 40 ms mostly. Accepted sockets inherit
    /// it. The queue of those that are not accepted yet is made longer than the 128 of the standard library: who finds it full tries
    /// again after a second.
    pub fn prepare(listener: &TcpListener) -> std::io::Result<()> {
        SockRef::from(listener).listen(BACKLOG)?;
        SockRef::from(listener).set_tcp_nodelay(true)?;
        #[cfg(target_os = "linux")]
        {
            SockRef::from(listener).set_tcp_user_timeout(Some(UNTAKEN))?;
            SockRef::from(listener).set_tcp_notsent_lowat(UNSENT)?;
        }
        let _ = listener;
        Ok(())
    }

    /// Takes note of a new connection. One too many of an address is shut down.
    ///
    /// # Errors
    /// Where there is no room to watch it.
    pub fn opened(&self, own: &TcpStream) -> std::io::Result<Rc<Known>> {
        let address = own.peer_addr().ok().map(|peer| peer.ip().to_canonical());
        let (socket, table) = (SockRef::from(own).try_clone()?, &self.0);
        let (started, idle_until) = (table.started, AtomicU64::new(millis(table.started.elapsed() + FIRST_HEAD)));
        let connection = Arc::new(Connection { socket, busy: AtomicU32::new(0), started, idle_until });
        let id = table.next.fetch_add(1, Ordering::Relaxed);
        // Before the network is taken, of which a trusted proxy may be a single address.
        let is_trusted = |address: &IpAddr| table.trusted.iter().any(|network| network.contains(address));
        let counted = address.filter(|address| !is_trusted(address)).map(network);
        let mut open = table.open();
        if let Some(address) = counted {
            let count = open.by_address.entry(address).or_default();
            *count += 1;
            if table.most.is_some_and(|most| *count > most) {
                connection.shut();
            }
        }
        open.all.insert(id, connection.clone());
        drop(open);
        let (flow, place, table) = (Flow::default(), Cell::default(), table.clone());
        Ok(Rc::new(Known { connection, flow, place, table, id, address: counted }))
    }

    /// Those of the next [`LOOK`] connections that have been idle for too long, and after which one to look on; none at the end.
    fn idle(&self, after: u64) -> (Vec<Arc<Connection>>, Option<u64>) {
        let (now, open) = (self.0.now(), self.0.open());
        let some = open.all.range(after + 1..).take(LOOK);
        let last = some.clone().last().map(|(id, _)| *id);
        (some.map(|(_, connection)| connection).filter(|connection| connection.is_idle(now)).cloned().collect(), last)
    }

    /// Shuts some down that have been idle for too long, and says how many those were. One that is still being sent an
    /// answer is none of them: its socket takes no more for the moment. What the kernel has taken it delivers.
    fn shut(&self, idle: &[Arc<Connection>]) -> rustix::io::Result<usize> {
        let mut polled: Vec<PollFd<'_>> =
            idle.iter().map(|connection| PollFd::new(&connection.socket, PollFlags::OUT)).collect();
        poll(&mut polled, Some(&Timespec::default()))?;
        let now = self.0.now();
        let sent = polled.iter().zip(idle).filter(|(polled, _)| !polled.revents().is_empty());
        // Meanwhile a request may have come.
        let shut = sent.filter(|(_, connection)| connection.is_idle(now)).map(|(_, connection)| connection.shut());
        Ok(shut.count())
    }

    /// How many are open.
    pub fn count(&self) -> usize {
        self.0.open().all.len()
    }

    /// Closes idle ones for as long as it is polled.
    pub async fn watch(self) {
        loop {
            tokio::time::sleep(EVERY).await;
            let (mut count, mut next) = (0, Some(0));
            while let Some(after) = next {
                let idle;
                (idle, next) = self.idle(after);
                for some in idle.chunks(idle.len().div_ceil(PAUSES).max(1)) {
                    match self.shut(some) {
                        Ok(shut) => count += shut,
                        Err(error) => tracing::warn!(%error, "idle connections can't be told: {error}"),
                    }
                    tokio::time::sleep(PAUSE).await;
                }
                tokio::time::sleep(PAUSE).await;
            }
            if count > 0 {
                tracing::debug!(count, "{count} idle connections are closed");
            }
        }
    }
}

fn millis(time: Duration) -> u64 {
    time.as_millis() as u64
}

impl Table {
    fn now(&self) -> u64 {
        millis(self.started.elapsed())
    }

    fn open(&self) -> std::sync::MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Connection {
    fn is_idle(&self, now: u64) -> bool {
        self.busy.load(Ordering::Acquire) == 0 && self.idle_until.load(Ordering::Acquire) < now
    }

    /// It may be idle from now on, for so long.
    fn may_idle(&self, time: Duration) {
        self.idle_until.store(millis(self.started.elapsed() + time), Ordering::Release);
    }

    /// It may be idle from now on, for as long as any.
    fn touch(&self) {
        self.may_idle(IDLE);
    }

    /// Ends it in both directions, so that whoever serves it finds its end. That it has ended already is no matter.
    fn shut(&self) {
        let _ = self.socket.shutdown(std::net::Shutdown::Both);
    }
}

impl Known {
    /// A request has come, with a body that is to be read or without.
    pub fn busy(self: &Rc<Self>, reads: bool, body: Option<Arrived>) -> Busy {
        self.connection.busy.fetch_add(1, Ordering::AcqRel);
        if reads {
            self.flow.body_begins()
        } else {
            self.flow.hold()
        }
        Busy { known: self.clone(), reads, body }
    }

    /// A request has come and was answered at once.
    pub fn touch(&self) {
        self.connection.touch();
    }

    /// The place for which the request that was passed on last has waited.
    pub fn place(&self) -> Option<Place> {
        self.place.take()
    }

    /// Ready once no request waits for a place.
    pub async fn nothing_waits(&self) {
        self.flow.nothing_waits().await;
    }
}

impl Drop for Known {
    fn drop(&mut self) {
        let mut open = self.table.open();
        open.all.remove(&self.id);
        if let Some(address) = self.address
            && let Some(count) = open.by_address.get_mut(&address)
        {
            *count -= 1;
            if *count == 0 {
                open.by_address.remove(&address);
            }
        }
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        let Known { connection, flow, .. } = &*self.known;
        let coming = self.body.as_ref().is_some_and(|body| !body.is_whole());
        connection.may_idle(if coming { GOODBYE } else { IDLE });
        connection.busy.fetch_sub(1, Ordering::AcqRel);
        if self.reads { flow.body_ended() } else { flow.go_on() }
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpStream;

    use super::*;

    #[test]
    fn an_accepted_connection_sends_at_once_and_holds_little() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        Connections::prepare(&listener).expect("a listener");
        let _peer = TcpStream::connect(listener.local_addr().expect("an address")).expect("a connection");
        let (accepted, _) = listener.accept().expect("a connection");
        assert!(SockRef::from(&accepted).tcp_nodelay().expect("the option"));
        #[cfg(target_os = "linux")]
        {
            assert_eq!(SockRef::from(&accepted).tcp_notsent_lowat().expect("the option"), UNSENT);
            assert_eq!(SockRef::from(&accepted).tcp_user_timeout().expect("the option"), Some(UNTAKEN));
        }
    }
}
