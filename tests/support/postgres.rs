//! A throw-away PostgreSQL for the tests: one cluster for a test process, gone when the process is.
//!
//! `TEST_POSTGRES_URL`, when set, names a server to use instead; its role must be allowed to create databases.
//! Otherwise a shell beside the tests makes a cluster in a temporary directory and holds the reading end of a pipe
//! whose writing end is here. The kernel closes that pipe however this process ends, kill -9 included; the shell then
//! stops the server and removes the directory. Knows nothing of the application.

use std::env;
use std::fs::{self, DirBuilder, File};
use std::io;
use std::net::TcpListener;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{self, Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::dsl::sql;
use diesel::sql_types::Text;
use diesel::{Connection, PgConnection, RunQueryDsl, select};

const MISSING: &str = "PostgreSQL's `initdb` and `postgres` were not found, and the tests run on both databases. \
    Install them (Debian, Ubuntu: `apt-get install postgresql`; macOS: `brew install postgresql`), or set \
    TEST_POSTGRES_URL to a server on which databases may be created, such as postgres://user:password@localhost/postgres";

const NOT_STARTED: &str = "PostgreSQL could not be started for the tests";
const READY_WITHIN: Duration = Duration::from_secs(30);

/// Durability is off: nothing here outlives the process. No autovacuum, so that no worker holds a template busy.
const SETTINGS: [&str; 9] = [
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "max_connections=300",
    "shared_buffers=128MB",
    "fsync=off",
    "full_page_writes=off",
    "synchronous_commit=off",
    "autovacuum=off",
    "timezone=UTC",
];

/// Arguments: the directory of the binaries, the cluster's own directory, the server's options.
///
/// It ends when the server does, and ends the server when the pipe on its standard input closes. SIGQUIT (immediate
/// shutdown) is repeated because a server that is still starting ignores it, and followed by SIGCONT because a
/// frozen one (a test may freeze it) would not see it.
const KEEPER: &str = r#"
bin=$1 dir=$2
shift 2
exec 3<&0 </dev/null
if "$bin/initdb" --no-sync --auth=trust --username=postgres --encoding=UTF8 --locale=C --pgdata="$dir/data"; then
    "$bin/postgres" -D "$dir/data" "$@" 3<&- &
    server=$!
    {
        read -r _ <&3
        while kill -QUIT "$server" && kill -CONT "$server"; do sleep 0.1; done
    } 2>/dev/null &
    watcher=$!
    wait "$server"
    kill "$watcher" 2>/dev/null
fi
rm -rf "$dir"
"#;

static SERVER: OnceLock<Result<Server, String>> = OnceLock::new();

/// The server of this test process; the first use starts it. Panics, saying what to do, where there is none.
#[track_caller]
pub fn server() -> &'static Server {
    let started = SERVER.get_or_init(|| match env::var("TEST_POSTGRES_URL") {
        Ok(admin_url) => Ok(Server { admin_url, keeper: None }),
        Err(_) => Server::start(),
    });
    started.as_ref().unwrap_or_else(|reason| panic!("{reason}"))
}

/// A PostgreSQL server on which databases come and go.
pub struct Server {
    /// A URL of a database that is always there, for a role that may create others.
    pub admin_url: String,
    /// The shell that ends the cluster when this value is dropped; none for a server that was there before.
    #[expect(dead_code, reason = "held for the pipe that closes with it")]
    keeper: Option<Child>,
}

impl Server {
    /// Starts a cluster of its own, for a test that stops or freezes its server; it ends when the value is dropped.
    pub fn start() -> Result<Server, String> {
        let bin = binaries().ok_or(MISSING)?;
        // Between the moment a free port is found and the moment the server takes it, another process may.
        for _ in 0..4 {
            match try_start(&bin) {
                Err(Failure::PortTaken) => continue,
                Err(Failure::Other(reason)) => return Err(reason),
                Ok(server) => return Ok(server),
            }
        }
        Err("PostgreSQL found each of four free ports taken by another process".to_owned())
    }

    /// Creates a database and gives its URL. The name must be new on this server; nobody may be using the template.
    #[track_caller]
    pub fn create_database(&self, name: &str, template: Option<&str>) -> String {
        let template = template.map(|template| format!(" TEMPLATE {}", identifier(template)));
        self.run(&format!("CREATE DATABASE {}{}", identifier(name), template.unwrap_or_default()));
        with_database(&self.admin_url, name)
    }

    /// Drops a database, if it is there, and ends the connections to it.
    #[track_caller]
    pub fn drop_database(&self, name: &str) {
        self.run(&format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", identifier(name)));
    }

    /// Whether the server takes connections to a database. Where it no longer does, it ends those that there are.
    #[track_caller]
    pub fn allow_connections(&self, name: &str, allowed: bool) {
        self.run(&format!("ALTER DATABASE {} ALLOW_CONNECTIONS {allowed}", identifier(name)));
        if !allowed {
            self.run(&format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"));
        }
    }

    #[track_caller]
    fn run(&self, statement: &str) {
        PgConnection::establish(&self.admin_url)
            .map_err(|error| error.to_string())
            .and_then(|mut admin| admin.batch_execute(statement).map_err(|error| error.to_string()))
            .unwrap_or_else(|error| panic!("PostgreSQL could not run `{statement}`: {error}"))
    }
}

enum Failure {
    PortTaken,
    Other(String),
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Failure {
        Failure::Other(format!("{NOT_STARTED}: {error}"))
    }
}

fn try_start(bin: &Path) -> Result<Server, Failure> {
    let dir = temporary_directory()?;
    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let started = start_keeper(bin, &dir, port).inspect_err(|_| drop(fs::remove_dir_all(&dir)));
    let (mut keeper, log) = started.map_err(|error| Failure::Other(format!("{NOT_STARTED} in {dir:?}: {error}")))?;

    let admin_url = format!("postgres://postgres@127.0.0.1:{port}/postgres");
    match wait_until_ready(&mut keeper, &admin_url, &dir.join("data")) {
        Ok(()) => Ok(Server { admin_url, keeper: Some(keeper) }),
        Err(reason) => match io::read_to_string(log)? {
            log if log.contains("could not create any TCP/IP sockets") => Err(Failure::PortTaken),
            log => Err(Failure::Other(format!("{NOT_STARTED}: {reason}. The server's log:\n{log}"))),
        },
    }
}

/// Starts the keeper, and with it the server; gives the log too, open, because the keeper removes it in the end.
fn start_keeper(bin: &Path, dir: &Path, port: u16) -> io::Result<(Child, File)> {
    let written = File::create(dir.join("log"))?;
    let read = File::open(dir.join("log"))?;
    let mut command = Command::new("sh");
    command
        .args(["-c", KEEPER, "xabar-test-postgres"])
        .args([bin, dir])
        .args(["-p", &port.to_string()])
        .args(SETTINGS.iter().flat_map(|setting| ["-c", setting]))
        // PGPORT, PGDATA and their like must not reach the server, nor a locale that the machine does not have.
        .env_clear()
        .env("PATH", env::var_os("PATH").unwrap_or_else(|| "/usr/bin:/bin".into()))
        .env("LC_ALL", "C")
        .current_dir(dir)
        .stdin(Stdio::piped())
        .stdout(written.try_clone()?)
        .stderr(written)
        // Out of the terminal's foreground group: Ctrl-C ends the tests, and the keeper then does its work.
        .process_group(0);
    // PostgreSQL refuses to run as root.
    if fs::metadata(dir)?.uid() == 0 {
        let (uid, gid) = unprivileged_user()?;
        chown(dir, Some(uid), Some(gid))?;
        command.uid(uid).gid(gid);
    }
    Ok((command.spawn()?, read))
}

/// Waits for a real connection, and to this cluster: the port may have gone to another process's server.
fn wait_until_ready(keeper: &mut Child, admin_url: &str, data: &Path) -> Result<(), String> {
    let deadline = Instant::now() + READY_WITHIN;
    let probe_url = format!("{admin_url}?connect_timeout=2");
    loop {
        let ended = keeper.try_wait().map_err(|error| error.to_string())?;
        if ended.is_some() {
            return Err("it ended while starting".to_owned());
        }
        let answer = PgConnection::establish(&probe_url)
            .map_err(|error| error.to_string())
            .and_then(|mut connection| data_directory(&mut connection).map_err(|error| error.to_string()));
        match answer {
            Ok(directory) if Path::new(&directory) == data => return Ok(()),
            Ok(_) => {}
            Err(error) if Instant::now() > deadline => {
                return Err(format!("PostgreSQL was not ready within {READY_WITHIN:?}: {error}"));
            }
            Err(_) => {}
        }
        sleep(Duration::from_millis(20));
    }
}

fn data_directory(connection: &mut PgConnection) -> diesel::QueryResult<String> {
    select(sql::<Text>("current_setting('data_directory')")).get_result(connection)
}

/// A new directory that only its owner enters. Canonical, as the server names it.
fn temporary_directory() -> io::Result<PathBuf> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let parent = env::temp_dir().canonicalize()?;
    loop {
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let dir = parent.join(format!("xabar-test-postgres-{}-{count}", process::id()));
        match DirBuilder::new().mode(0o700).create(&dir) {
            // Left by an earlier process of the same id, on a machine that went down.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
            Ok(()) => return Ok(dir),
        }
    }
}

/// The user and group ids of `postgres`, or else of `nobody`.
fn unprivileged_user() -> io::Result<(u32, u32)> {
    let passwd = fs::read_to_string("/etc/passwd")?;
    let ids_of = |user: &str| {
        let line = passwd.lines().find(|line| line.split(':').next() == Some(user))?;
        let mut ids = line.split(':').skip(2);
        Some((ids.next()?.parse().ok()?, ids.next()?.parse().ok()?))
    };
    let none = || io::Error::other("it refuses to run as root, and there is no user postgres or nobody");
    ids_of("postgres").or_else(|| ids_of("nobody")).ok_or_else(none)
}

/// The first directory that holds both `initdb` and `postgres`: Debian, for one, keeps them out of PATH.
fn binaries() -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path)
        .chain(directory_of_pg_config())
        .chain(versions("/usr/lib/postgresql", ""))
        .chain(versions("/usr", "pgsql-"))
        .chain(versions("/opt/homebrew/opt", "postgresql@"))
        .chain(versions("/usr/local/opt", "postgresql@"))
        .find(|dir| dir.join("initdb").is_file() && dir.join("postgres").is_file())
}

fn directory_of_pg_config() -> Option<PathBuf> {
    let output = Command::new("pg_config").arg("--bindir").output().ok()?;
    Some(PathBuf::from(String::from_utf8(output.stdout).ok()?.trim()))
}

/// `<parent>/<prefix><version>/bin` of every version there, the newest first.
fn versions(parent: &str, prefix: &str) -> impl Iterator<Item = PathBuf> {
    let entries = fs::read_dir(parent).into_iter().flatten().flatten();
    let version = |name: &str| name.strip_prefix(prefix)?.parse::<f32>().ok();
    let mut found: Vec<(f32, PathBuf)> =
        entries.filter_map(|entry| Some((version(entry.file_name().to_str()?)?, entry.path().join("bin")))).collect();
    found.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    found.into_iter().map(|(_, bin)| bin)
}

/// The same URL with another database in its path.
fn with_database(url: &str, name: &str) -> String {
    let (address, options) = url.split_once('?').map_or((url, None), |(address, options)| (address, Some(options)));
    let authority = address.find("://").map_or(0, |at| at + 3);
    let end = address[authority..].find('/').map_or(address.len(), |at| authority + at);
    let options = options.map(|options| format!("?{options}")).unwrap_or_default();
    format!("{}/{name}{options}", &address[..end])
}

/// A name that needs no escaping, neither in SQL nor in a URL.
#[track_caller]
fn identifier(name: &str) -> String {
    let plain = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    assert!(plain && (1..=63).contains(&name.len()), "not a database's name: {name:?}");
    format!("\"{name}\"")
}
