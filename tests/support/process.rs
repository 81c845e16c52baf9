//! A server as a process of its own, which can be killed and started again on the same port and database.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use xabar::db::DatabaseUrl;

use super::TestDatabase;

/// Killed when dropped.
pub struct Process {
    pub address: String,
    variables: Vec<(String, String)>,
    child: Option<Child>,
}

impl Process {
    /// Starts one and waits until it is ready.
    pub fn start(database: &TestDatabase, more: &[(&str, &str)]) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").and_then(|it| it.local_addr()).expect("a free port").port();
        let url = match &database.url {
            DatabaseUrl::Sqlite(path) => format!("sqlite://{}", path.display()),
            DatabaseUrl::Postgres(url) => url.clone(),
        };
        let fixed = [("DATABASE_URL", url.as_str()), ("LOG", "warn"), ("WORKERS", "1"), ("DATABASE_READERS", "2")];
        let listen = format!("127.0.0.1:{port}");
        let fixed = fixed.into_iter().chain([("LISTEN", listen.as_str())]).chain(more.iter().copied());
        let variables = fixed.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let mut process = Self { address: format!("http://{listen}"), variables, child: None };
        process.restart();
        process
    }

    /// Starts it again after a kill, and says how long it took to be ready.
    pub fn restart(&mut self) -> Duration {
        let began = Instant::now();
        // Another build than the tests' own may be put to the test.
        let built = std::env::var("XABAR_BIN").unwrap_or_else(|_| env!("CARGO_BIN_EXE_xabar").to_owned());
        let mut command = Command::new(built);
        command.arg("serve").env_clear().current_dir(std::env::temp_dir()).stdout(Stdio::null());
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        self.child = Some(command.spawn().expect("the server starts"));
        while !self.is_ready() {
            assert!(began.elapsed() < Duration::from_secs(20), "the server is not ready after 20 s");
            std::thread::sleep(Duration::from_millis(5));
        }
        began.elapsed()
    }

    fn is_ready(&self) -> bool {
        reqwest::blocking::get(format!("{}/health/ready", self.address)).is_ok_and(|answer| answer.status() == 200)
    }

    /// kill -9.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().expect("it can be killed");
            child.wait().expect("it ends");
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}
