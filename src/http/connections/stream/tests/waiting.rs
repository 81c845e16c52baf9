//! Requests that wait for a place.

use actix_web::App;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

use super::*;
use crate::http::kept::in_front;
use crate::http::server::serve;

const READ: &str = "GET /read HTTP/1.1\r\nHost: a\r\n\r\n";

/// All the places there are.
fn taken(admission: &Admission) -> Vec<Place> {
    std::iter::from_fn(|| admission.place_now()).collect()
}

/// What is read when it is the turn of who waits.
async fn in_turn(stream: &mut Stream) -> String {
    let mut space = [0; 8192];
    let mut buffer = ReadBuf::new(&mut space);
    poll_fn(|context| match Pin::new(&mut *stream).poll_read(context, &mut buffer) {
        // It was answered.
        Poll::Pending if matches!(stream.waiting, Waiting::Not) => Poll::Ready(Ok(())),
        polled => polled,
    })
    .await
    .expect("a read");
    String::from_utf8_lossy(buffer.filled()).into_owned()
}

#[test]
fn what_has_to_be_read_waits_for_a_place_and_takes_it_along() {
    let kept = Kept::with(0, Admission::new(1));
    connected_to(Some(kept.clone()), |mut stream, mut peer| async move {
        let (count, known) = (Arc::new(Count::default()), stream.known().clone());
        let mut places = taken(&kept.admission);
        peer.write_all(MISSED.as_bytes()).expect("room");
        arrived(&stream).await;
        for _ in 0..2 {
            assert_eq!(turn(&mut stream, &count).as_deref(), Some(""));
        }
        assert_eq!(count.woken(), 0, "it waits");
        places.pop();
        assert_eq!(count.woken(), 1);
        assert!(kept.admission.place_now().is_none(), "it is this one's");
        assert_eq!(turn(&mut stream, &count).as_deref(), Some(MISSED));
        drop(known.place().expect("its place"));
        let place = kept.admission.place_now();
        assert!(place.is_some() && kept.admission.place_now().is_none(), "one was given back");
        // Where there is one, nobody waits.
        drop(place);
        peer.write_all(MISSED.as_bytes()).expect("room");
        arrived(&stream).await;
        assert_eq!(turn(&mut stream, &count).as_deref(), Some(MISSED));
        assert!(known.place().is_some());
    });
}

#[test]
fn who_has_waited_in_vain_is_refused_and_what_follows_is_looked_at() {
    let kept = Kept::with(0, Admission::new(0));
    connected_to(Some(kept), |mut stream, mut peer| async move {
        peer.write_all([READ, MISSED, "GET /kept1 HTTP/1.1\r\nHost: a\r\n\r\nPOST /"].concat().as_bytes())
            .expect("room");
        arrived(&stream).await;
        for answer in ["</read>", "</missed>", "<1>"] {
            assert_eq!(in_turn(&mut stream).await, "");
            assert_eq!(seen(&mut peer), answer);
        }
        assert_eq!(in_turn(&mut stream).await, "POST /");
    });
}

#[test]
fn what_was_read_meanwhile_is_answered_from_memory() {
    for places in [0, 1] {
        let kept = Kept::with(0, Admission::new(places));
        connected_to(Some(kept.clone()), |mut stream, mut peer| async move {
            let others = taken(&kept.admission);
            let all = others.len();
            peer.write_all(READ.as_bytes()).expect("room");
            arrived(&stream).await;
            assert_eq!(turn(&mut stream, &Arc::default()).as_deref(), Some(""));
            kept.has_read.store(true, Ordering::SeqCst);
            drop(others);
            assert_eq!(in_turn(&mut stream).await, "");
            assert_eq!(seen(&mut peer), "<read>");
            assert_eq!(taken(&kept.admission).len(), all, "it needed none");
        });
    }
}

#[test]
fn the_place_of_what_the_server_makes_no_request_of_is_given_back() {
    let kept = Kept::with(0, Admission::new(1));
    connected_to(Some(kept.clone()), |mut stream, mut peer| async move {
        let count = Arc::new(Count::default());
        peer.write_all(MISSED.as_bytes()).expect("room");
        arrived(&stream).await;
        assert_eq!(turn(&mut stream, &count).as_deref(), Some(MISSED));
        let others = taken(&kept.admission);
        let waker = Waker::from(count);
        assert!(Pin::new(&mut stream).poll_write(&mut Context::from_waker(&waker), b"400").is_ready());
        assert_eq!(taken(&kept.admission).len(), 1);
        assert!(stream.known().place().is_none());
        drop(others);
    });
}

#[test]
fn the_server_stops_after_what_waits() {
    let kept = Kept::with(0, Admission::new(1));
    connected_to(Some(kept.clone()), |mut stream, mut peer| async move {
        let (count, known) = (Arc::new(Count::default()), stream.known().clone());
        let waker = Waker::from(count.clone());
        let mut stops = Box::pin(known.nothing_waits());
        let mut polled = || stops.as_mut().poll(&mut Context::from_waker(&waker));
        let others = taken(&kept.admission);
        peer.write_all(READ.as_bytes()).expect("room");
        arrived(&stream).await;
        assert_eq!(turn(&mut stream, &count).as_deref(), Some(""));
        assert!(polled().is_pending());
        kept.has_read.store(true, Ordering::SeqCst);
        drop(others);
        assert_eq!(count.woken(), 1, "by the place");
        assert_eq!(turn(&mut stream, &count).as_deref(), Some(""));
        assert_eq!(seen(&mut peer), "<read>");
        assert_eq!(count.woken(), 1, "to be told that nothing waits");
        assert!(polled().is_ready());
    });
}

/// What is sent to who waits when the server stops and `meanwhile` happens.
fn answered_at_a_stop(kept: Arc<Kept>, request: &str, meanwhile: impl FnOnce()) -> String {
    actix_web::rt::System::new().block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let (connections, memory) = (Connections::new(None, Vec::new()), kept.clone());
        let server = serve(listener, 1, connections, Some(memory), || in_front(None, App::new())).expect("a server");
        let handle = server.handle();
        let serving = actix_web::rt::spawn(server);
        let mut peer = TcpStream::connect(address).await.expect("a connection");
        peer.write_all(request.as_bytes()).await.expect("room");
        // Once before the server has the connection, and once when it reads.
        while kept.asked.0.load(Ordering::SeqCst) < 2 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let stopping = actix_web::rt::spawn(handle.stop(true));
        tokio::time::sleep(Duration::from_millis(20)).await;
        meanwhile();
        let mut all = String::new();
        let ended = timeout(Duration::from_secs(5), peer.read_to_string(&mut all)).await;
        ended.expect("an end, before the server is forced to stop").expect("no reset");
        stopping.await.expect("no panic");
        serving.await.expect("no panic").expect("it served");
        all
    })
}

#[test]
fn who_waits_when_the_server_stops_is_answered() {
    let kept = Kept::with(0, Admission::new(0));
    assert_eq!(answered_at_a_stop(kept, READ, || ()), "</read>");
    let kept = Kept::with(0, Admission::new(1));
    let others = taken(&kept.admission);
    let answer = answered_at_a_stop(kept, MISSED, move || drop(others));
    assert!(answer.starts_with("HTTP/1.1 404 Not Found\r\n"), "{answer}");
}
