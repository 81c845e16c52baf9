//! A server of the test's own, on a free port, with a clock that stands still.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::Command;
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

use reqwest::Method;
use reqwest::blocking::{Client, RequestBuilder};
use reqwest::header::HeaderMap;
use reqwest::redirect::Policy;
use serde_json::Value;
use xabar::access::queries::{KeyInput, create};
use xabar::access::{Scope, Token};
use xabar::app::Application;
use xabar::articles::queries::run_due;
use xabar::clock::{Clock, Timestamp};
use xabar::config::{Config, Env, Environment};
use xabar::db::{Backend, DatabaseUrl, Db};
use xabar::imports::{Report, ndjson};

use super::content::ArticleBuilder;
use super::database::TestDatabase;

/// The instant at which every test starts.
pub const NOW: &str = "2026-06-01T12:00:00Z";

/// A running server.
pub struct TestApp {
    pub address: String,
    pub db: Db,
    pub clock: Clock,
    client: Client,
    handle: actix_web::dev::ServerHandle,
    thread: Option<JoinHandle<()>>,
    database: Arc<TestDatabase>,
}

/// A response, read to its end.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&self.body)))
    }

    /// A header as text; empty when it is absent.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("a header is text"))
    }

    /// The values of a member of each object in `data`.
    pub fn each(&self, member: &str) -> Vec<Value> {
        let json = self.json();
        json["data"]
            .as_array()
            .unwrap_or_else(|| panic!("no data: {json}"))
            .iter()
            .map(|one| one[member].clone())
            .collect()
    }

    /// The code of a problem.
    pub fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }

    /// The slugs of the objects in `data`.
    pub fn slugs(&self) -> Vec<String> {
        self.each("slug").iter().map(|slug| slug.as_str().expect("a slug is text").to_owned()).collect()
    }
}

impl TestApp {
    /// Starts a server on an empty database.
    pub fn start(backend: Backend) -> Self {
        Self::start_with(backend, &[])
    }

    /// The same, with more variables than every test has.
    pub fn start_with(backend: Backend, variables: &[(&str, &str)]) -> Self {
        let clock = Clock::fixed(NOW.parse().expect("an instant"));
        Self::serve(Arc::new(TestDatabase::new(backend)), clock, variables)
    }

    /// A second server on the same database, with the same clock.
    pub fn beside(&self, variables: &[(&str, &str)]) -> Self {
        Self::serve(self.database.clone(), self.clock.clone(), variables)
    }

    /// The command, with this server's database.
    pub fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_xabar"));
        let url = match &self.database.url {
            DatabaseUrl::Sqlite(path) => format!("sqlite://{}", path.display()),
            DatabaseUrl::Postgres(url) => url.clone(),
        };
        command.env_clear().current_dir(std::env::temp_dir()).env("DATABASE_URL", url).env("LOG", "trace");
        command
    }

    /// Takes its PostgreSQL away, or gives it back.
    pub fn set_reachable(&self, reachable: bool) {
        self.database.set_reachable(reachable);
    }

    fn serve(database: Arc<TestDatabase>, clock: Clock, variables: &[(&str, &str)]) -> Self {
        let mut env =
            vec![("LISTEN", "127.0.0.1:0"), ("WORKERS", "1"), ("SECRET_KEY", "a secret for tests, 32 characters")];
        env.extend_from_slice(variables);
        let mut config = Config::read(&Env::of(&env)).expect("the test's configuration is valid");
        config.database.url = database.url.clone();
        let (sender, receiver) = mpsc::channel();
        let its_clock = clock.clone();
        let thread = std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let app = Application::build(&config, its_clock).expect("the server starts");
                sender.send((app.port(), app.handle(), app.db())).expect("the test waits");
                app.run().await.expect("the server runs");
            });
        });
        let (port, handle, db) = receiver.recv().expect("the server says its port");
        let client = Client::builder().redirect(Policy::none()).build().expect("a client");
        let address = format!("http://127.0.0.1:{port}");
        Self { address, db, clock, client, handle, thread: Some(thread), database }
    }

    /// GETs a path.
    pub fn get(&self, path: &str) -> Answer {
        self.get_with(path, &[])
    }

    /// GETs a path with parameters, which are percent-encoded.
    pub fn get_query(&self, path: &str, parameters: &[(&str, &str)]) -> Answer {
        let url = reqwest::Url::parse_with_params(&format!("{}{path}", self.address), parameters).expect("a URL");
        self.get(&url.as_str()[self.address.len()..])
    }

    /// GETs a path with request headers.
    pub fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.request(Method::GET, path, headers)
    }

    /// Sends a request without a body.
    pub fn request(&self, method: Method, path: &str, headers: &[(&str, &str)]) -> Answer {
        let request = self.client.request(method, format!("{}{path}", self.address));
        read(headers.iter().fold(request, |request, (name, value)| request.header(*name, *value)))
    }

    /// A new key with these scopes.
    pub fn key(&self, scopes: &[Scope]) -> String {
        new_key(&self.db, scopes)
    }

    /// Sends JSON with a key and further headers.
    pub fn send(&self, method: Method, path: &str, key: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
        let request = self.client.request(method, format!("{}{path}", self.address)).json(body);
        let request = if key.is_empty() { request } else { request.bearer_auth(key) };
        read(headers.iter().fold(request, |request, (name, value)| request.header(*name, *value)))
    }

    /// POSTs JSON with a key.
    pub fn post(&self, path: &str, key: &str, body: &Value) -> Answer {
        self.send(Method::POST, path, key, &[], body)
    }

    /// PATCHes something as it was read: with the entity tag of its present state.
    pub fn patch(&self, path: &str, key: &str, body: &Value) -> Answer {
        let tag = self.get_as(path, key).header("etag").to_owned();
        self.send(Method::PATCH, path, key, &[("If-Match", &tag)], body)
    }

    /// GETs a path with a key.
    pub fn get_as(&self, path: &str, key: &str) -> Answer {
        self.get_with(path, &[("Authorization", &format!("Bearer {key}"))])
    }

    /// The data of the first `count` events of a stream, read over a connection of its own.
    pub fn stream(&self, path: &str, key: &str, count: usize) -> Vec<Value> {
        let request = self.client.get(format!("{}{path}", self.address)).timeout(Duration::from_secs(20));
        let request = if key.is_empty() { request } else { request.bearer_auth(key) };
        let response = request.send().expect("the stream begins");
        assert_eq!(response.status(), 200, "{path}");
        let lines = BufReader::new(response).lines().map(|line| line.expect("the stream goes on"));
        let data = lines.filter_map(|line| line.strip_prefix("data: ").map(str::to_owned));
        data.take(count).map(|text| serde_json::from_str(&text).expect("JSON")).collect()
    }

    /// Sends bytes as they are over a connection of their own, and reads until the server closes it.
    pub fn raw(&self, request: &[u8]) -> Vec<u8> {
        let address = self.address.trim_start_matches("http://");
        let mut stream = TcpStream::connect(address).expect("the server takes connections");
        stream.write_all(request).expect("the request can be sent");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).expect("the answer can be read");
        answer
    }

    /// Imports lines of NDJSON.
    pub fn import(&self, lines: &str) -> Report {
        ndjson::import(&self.db, &self.clock, lines.as_bytes(), |_| {}).expect("the import runs")
    }

    /// Imports articles; every one must be stored.
    pub fn store(&self, articles: impl IntoIterator<Item = ArticleBuilder>) {
        let lines: Vec<String> = articles.into_iter().map(|article| article.line()).collect();
        let report = self.import(&lines.join("\n"));
        assert_eq!(report.faults, [], "{report}");
    }

    /// Imports one record of any type; it must be stored.
    pub fn put(&self, record: &Value) {
        let report = self.import(&record.to_string());
        assert_eq!(report.faults, [], "{report}");
    }

    /// Makes the changes that are due by the clock now, as the job does within the second.
    pub fn let_the_clock_work(&self) {
        let now = self.clock.now();
        while self.db.write_here(|conn| run_due(conn, now)).expect("the database works") > 0 {}
    }

    /// Moves the clock.
    pub fn set_time(&self, at: &str) {
        self.clock.set(at.parse::<Timestamp>().expect("an instant"));
    }
}

/// A new key with these scopes.
pub fn new_key(db: &Db, scopes: &[Scope]) -> String {
    let token = Token::generate(Environment::Live).expect("randomness");
    let name = scopes.iter().map(AsRef::as_ref).collect::<Vec<&str>>().join(" ");
    let input = KeyInput { name, scopes: scopes.iter().copied().collect(), expires_at: None };
    let now = NOW.parse().expect("an instant");
    db.write_here(|conn| create(conn, now, &input, &token)).expect("a key can be stored");
    token.reveal().to_owned()
}

fn read(request: RequestBuilder) -> Answer {
    let response = request.send().expect("the server answers");
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Answer { status, headers, body: response.bytes().expect("the body arrives").to_vec() }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
        if let Some(thread) = self.thread.take() {
            // A panic there has been printed, and the test has failed by it already.
            let _ = thread.join();
        }
    }
}
