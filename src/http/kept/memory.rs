//! Plain requests, answered as they come off the wire.

use std::time::Instant;

use actix_web::http::{Method, StatusCode};

use super::lately::{self, Form};
use super::{Found, KeptAnswers, Why};
use crate::http::accepts::{Coding, best_of};
use crate::http::admission::Admission;
use crate::http::boundary::{note, noted_from, request_id};
use crate::http::message::Outgoing;
use crate::http::plain::{Memory, Plain, Recalled};

impl Memory for KeptAnswers {
    fn recall(&self, request: &Plain<'_>) -> Recalled {
        let Some((url, key)) = request.url.and_then(|url| Some((url, self.key(url)?))) else { return Recalled::Unsure };
        if !self.keeps() {
            return Recalled::Nothing;
        }
        let now = self.clock.now();
        let kept = match self.find(&key, now) {
            Found::Kept(kept, Why::Current) => kept,
            Found::Nothing(None) => return Recalled::Nothing,
            // It may be sent with a word about its age.
            Found::Kept(..) | Found::Nothing(Some(_)) => return Recalled::Unsure,
        };
        let started = noted_from();
        let coding = request.accept_encoding.map_or(Some(Coding::Identity), best_of);
        let Some((coding, coded)) = coding.and_then(|coding| Some((coding, kept.answer.made(coding)?))) else {
            return Recalled::Unsure;
        };
        let same = coded.is_among(request.if_none_match.into_iter());
        let id = request_id(request.request_id, now);
        let late = kept.freshness(&self.marks, now, Why::Current);
        let message =
            lately::message(&kept, Form::new(coding, same, late, &id), &id, || coded.message(same, late, &id));
        self.count.memory.inc();
        if let Some(started) = started {
            let status = if same { StatusCode::NOT_MODIFIED } else { StatusCode::OK };
            note(&id, (&Method::GET, path(url)), status, started);
        }
        Recalled::Answer(Outgoing::new(message))
    }

    fn admission(&self) -> &Admission {
        &self.admission
    }

    fn refuse(&self, request: &Plain<'_>, since: Option<Instant>) -> Outgoing {
        let now = self.clock.now();
        let (id, problem) = (request_id(request.request_id, now), Admission::refusal());
        self.count.refused.inc();
        if let Some(started) = since {
            note(&id, (&Method::GET, request.url.map_or("", path)), problem.code().status(), started);
        }
        Outgoing::new(problem.message(&id, now).into())
    }
}

fn path(url: &str) -> &str {
    url.split_once('?').map_or(url, |(path, _)| path)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use actix_web::body::MessageBody;
    use prometheus::Registry;

    use super::*;
    use crate::clock::{Clock, Timestamp};
    use crate::http::admission::Admission;
    use crate::http::answer::Answer;
    use crate::http::boundary::rendered;
    use crate::http::finished::Finished;
    use crate::http::freshness::Freshness;
    use crate::http::kept::{Entry, Kept, Paths};
    use crate::http::topic::Topic;

    const HEAD: &str = "GET /v1/a HTTP/1.1\r\nHost: a\r\n";

    /// What is kept under `/v1/a`: this many zeros, which no clock changes before an hour has passed.
    async fn keeping(zeros: usize, clock: &Clock) -> KeptAnswers {
        let paths = Paths { under: &["/v1/"], except: &[] };
        let kept = KeptAnswers::new(1 << 20, paths, clock.clone(), Admission::new(1), &Registry::new());
        let kept = kept.expect("counts of its own");
        let now = clock.now();
        let freshness = Freshness { now, next_change: Some(now.plus_seconds(3600)) };
        let mut answer = Answer::bytes(vec![b'0'; zeros], "text/plain", freshness);
        answer.topics = Some(vec![Topic::SCHEDULE]);
        let finished = Arc::new(Finished::new(answer));
        finished.coded(Coding::Identity).await.expect("an answer");
        kept.marks.reach(1);
        let entry = Kept::new(finished, kept.marks.position()).expect("one to keep");
        kept.entries.insert("/v1/a".into(), Entry::Kept(Arc::new(entry)));
        kept
    }

    fn answer(kept: &KeptAnswers, fields: &str) -> Option<(String, String)> {
        let request = format!("{HEAD}{fields}\r\n");
        let Recalled::Answer(answer) = kept.recall(&Plain::read(request.as_bytes()).expect("a plain request")) else {
            return None;
        };
        let sent = String::from_utf8(answer.parts().concat()).expect("text");
        sent.split_once("\r\n\r\n").map(|(head, body)| (head.to_owned(), body.to_owned()))
    }

    #[tokio::test]
    async fn a_plain_request_is_answered_in_bytes() {
        let clock = Clock::fixed(Timestamp::EPOCH);
        for zeros in [3, 20_000] {
            let kept = keeping(zeros, &clock).await;
            let (head, body) = answer(&kept, "X-Request-Id: mine\r\n").expect("an answer");
            let length = format!("content-length: {zeros}");
            let lines: Vec<&str> = head.lines().collect();
            assert_eq!((lines[0], body), ("HTTP/1.1 200 OK", "0".repeat(zeros)));
            for line in ["x-request-id: mine", "content-type: text/plain", length.as_str()] {
                assert!(lines.contains(&line), "{line}: {head}");
            }
            let date = lines.iter().find_map(|line| line.strip_prefix("date: ")).expect("a date");
            let date = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(date).expect("a date");
            assert_eq!(date, clock.now().to_jiff(), "{head}");
            let tag = lines.iter().find_map(|line| line.strip_prefix("etag: ")).expect("a tag");
            let (head, body) = answer(&kept, &format!("If-None-Match: {tag}\r\n")).expect("an answer");
            assert!(head.starts_with("HTTP/1.1 304 Not Modified\r\n") && body.is_empty(), "{head}");
            assert!(head.contains("max-age=30,"), "{head}");
        }
    }

    #[tokio::test]
    async fn what_takes_more_than_memory_is_not_answered() {
        let clock = Clock::fixed(Timestamp::EPOCH);
        let kept = keeping(3, &clock).await;
        // In another coding it was not made yet; under another URL nothing is kept.
        assert_eq!(answer(&kept, "Accept-Encoding: br\r\n"), None);
        assert_eq!(answer(&kept, "Accept-Encoding: *;q=0\r\n"), None);
        assert_eq!(answer(&kept, "Authorization: Bearer a\r\n"), None);
        let other = Plain::read(b"GET /v1/b HTTP/1.1\r\nHost: a\r\n\r\n").expect("a plain request");
        assert!(matches!(kept.recall(&other), Recalled::Nothing));
        clock.set(Timestamp::EPOCH.plus_seconds(3590));
        assert!(answer(&kept, "").expect("an answer").0.contains("max-age=10,"));
        clock.set(Timestamp::EPOCH.plus_seconds(3600));
        assert_eq!(answer(&kept, ""), None, "the clock has changed it");
        clock.set(Timestamp::EPOCH);
        kept.marks.change(Topic::SCHEDULE, 2);
        kept.marks.reach(2);
        assert_eq!(answer(&kept, ""), None, "it was overtaken");
    }

    #[tokio::test]
    async fn what_was_sent_lately_is_sent_again_as_if_it_were_made_anew() {
        let clock = Clock::fixed(Timestamp::EPOCH);
        let keepers = [keeping(3, &clock).await, keeping(5, &clock).await, keeping(9000, &clock).await];
        let tags: Vec<String> = keepers
            .iter()
            .map(|kept| answer(kept, "").expect("an answer").0)
            .map(|head| head.lines().find_map(|line| line.strip_prefix("etag: ")).expect("a tag").to_owned())
            .collect();
        let mut held = Vec::new();
        for step in 0..600usize {
            clock.set(Timestamp::EPOCH.plus_seconds(step as i64 / 40 * 300));
            let (kept, tag) = (&keepers[step % 5 % 3], &tags[step % 5 % 3]);
            kept.marks.reach(1);
            let id = ["one", "two", "one-that-is-longer"][step % 7 % 3];
            let same = step % 11 > 6;
            let fields = if same { format!("If-None-Match: {tag}\r\n") } else { String::new() };
            let request = format!("{HEAD}X-Request-Id: {id}\r\n{fields}\r\n");
            let plain = Plain::read(request.as_bytes()).expect("a plain request");
            let now = clock.now();
            let Found::Kept(found, why) = kept.find("/v1/a", now) else {
                assert!(matches!(kept.recall(&plain), Recalled::Unsure) && step >= 480, "an hour has passed: {step}");
                continue;
            };
            let late = found.freshness(&kept.marks, now, why);
            let anew = found.answer.made(Coding::Identity).expect("one that was made").message(same, late, id);
            let Recalled::Answer(sent) = kept.recall(&plain) else { panic!("no answer") };
            assert_eq!(sent.parts().concat(), [&anew.own[..], &anew.shared].concat(), "{step}");
            // Some peers take their time.
            if step % 13 == 0 {
                held.push((sent, anew));
            }
        }
        assert!(held.len() > 30);
        for (sent, anew) in held {
            assert_eq!(sent.parts()[0], anew.own, "what is on its way stays what it was");
        }
    }

    #[tokio::test]
    async fn who_is_refused_is_told_what_the_application_says() {
        let kept = keeping(3, &Clock::fixed(Timestamp::EPOCH)).await;
        let request = format!("{HEAD}X-Request-Id: mine\r\n\r\n");
        let refusal = kept.refuse(&Plain::read(request.as_bytes()).expect("a plain request"), None).parts().concat();
        let refusal = String::from_utf8(refusal).expect("text");
        let (head, body) = refusal.split_once("\r\n\r\n").expect("a head");
        let mut lines: Vec<&str> = head.lines().collect();
        assert_eq!(lines.remove(0), "HTTP/1.1 503 Service Unavailable");
        let said = rendered(&Admission::refusal(), "mine");
        let fields = said.headers().iter().map(|(name, value)| format!("{name}: {}", value.to_str().expect("text")));
        let (date, length) =
            ("date: Thu, 01 Jan 1970 00:00:00 GMT".to_owned(), format!("content-length: {}", body.len()));
        let mut fields: Vec<String> = fields.chain([date, length]).collect();
        fields.sort_unstable();
        lines.sort_unstable();
        assert_eq!(lines, fields);
        assert!(lines.contains(&"retry-after: 1") && lines.contains(&"x-request-id: mine"));
        assert_eq!(body.as_bytes(), said.into_body().try_into_bytes().expect("a body"));
    }

    #[tokio::test]
    async fn a_large_answer_shares_its_bytes() {
        let kept = keeping(1 << 17, &Clock::fixed(Timestamp::EPOCH)).await;
        let request = format!("{HEAD}\r\n");
        let plain = Plain::read(request.as_bytes()).expect("a plain request");
        let (Recalled::Answer(one), Recalled::Answer(other)) = (kept.recall(&plain), kept.recall(&plain)) else {
            panic!("no answer")
        };
        let ([_, one], [_, other]) = (one.parts(), other.parts());
        assert_eq!((one.len(), one.as_ptr()), (1 << 17, other.as_ptr()));
    }
}
