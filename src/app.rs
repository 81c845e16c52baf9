//! The one place where rooms meet: what the process is made of, and how it starts and stops.

use std::net::TcpListener;
use std::num::NonZeroU32;
use std::sync::Arc;

use actix_web::dev::Server;
use actix_web::middleware::{Condition, from_fn};
use actix_web::{App, web};
use anyhow::Context as _;
use prometheus::Registry;
use utoipa_actix_web::AppExt;

use crate::access::guard::{self, Guard};
use crate::access::{LastUse, Limits};
use crate::articles::queries::complete;
use crate::articles::{Details, Lists, Related};
use crate::changes::Tokens;
use crate::changes::live::Follower;
use crate::clock::Clock;
use crate::config::Config;
use crate::db::{self, Db};
use crate::exports::Exports;
use crate::http::admission::Admission;
use crate::http::boundary::boundary;
use crate::http::connections::Connections;
use crate::http::cursor::Cursors;
use crate::http::kept::{self, KeptAnswers, in_front};
use crate::http::methods::Routes;
use crate::http::metrics::RequestMetrics;
use crate::http::sealed::Seal;
use crate::http::{Code, Context, Memory, Problem, server};
use crate::jobs;
use crate::manage::InFlight;
use crate::ops::docs;
use crate::ops::routes::Contract;
use crate::rates::Rates;
use crate::tag_pages::Tickers;
use crate::{openapi, routes};

/// A server that is bound to its port and not yet running.
pub struct Application {
    server: Server,
    port: u16,
    services: Services,
}

/// What handlers and jobs share, by cloning.
#[derive(Clone)]
struct Services {
    context: Context,
    guard: Guard,
    in_flight: InFlight,
    rates: Rates,
    follower: Follower,
    tokens: Tokens,
    exports: Exports,
    kept: KeptAnswers,
    tickers: Tickers,
    related: Related,
    lists: Lists,
    connections: Connections,
    registry: Registry,
}

impl Application {
    /// Opens the database, migrates it and binds the port.
    pub fn build(config: &Config, clock: Clock) -> anyhow::Result<Self> {
        let db = Db::open(&config.database.url, config.database.pool)
            .with_context(|| format!("DATABASE_URL: {}", config.database.url))?
            .with_replicas(&config.database.replicas, config.database.pool)?;
        let migrated = db::migrate(&db)?;
        complete(&db)?;
        tracing::info!(database = %config.database.url, migrated = migrated.len(), "using {}", config.database.url);
        let secret = match &config.server.secret_key {
            Some(key) => key.clone(),
            None => db::secret_key(&db, || uuid::Uuid::new_v4().to_string() + &uuid::Uuid::new_v4().to_string())?,
        };
        let registry = Registry::new();
        let connections = config.database.pool.readers * (1 + config.database.replicas.len() as u32);
        let admission = Admission::new(connections);
        let kept = KeptAnswers::new(config.server.kept_bytes, routes::KEPT, clock.clone(), admission, &registry)?;
        let context = Context {
            db: db.clone(),
            marks: kept.marks().clone(),
            clock: clock.clone(),
            cursors: Cursors::new(&secret),
            previews: Seal::new(&secret, "xabar previews v1"),
            article_url: config.site.article_url.clone(),
        };
        let guard = Guard {
            db: db.clone(),
            clock: clock.clone(),
            environment: config.access.environment,
            used: LastUse::default(),
            limits: Limits::new(&config.access),
        };
        let tickers = Tickers::new(kept.marks().clone());
        let lists = Lists::new(kept.marks().clone());
        let related = Related::new(kept.marks().clone(), lists.newest.clone());
        let services = Services {
            context,
            guard,
            in_flight: InFlight::default(),
            rates: Rates::new(&config.rates)?,
            follower: Follower::new(kept.marks().clone()),
            kept,
            tokens: Tokens::new(&secret),
            exports: Exports::default(),
            tickers,
            related,
            lists,
            connections: Connections::new(
                config.access.connections_per_address.map(NonZeroU32::get),
                config.access.trusted_proxies.clone(),
            ),
            registry,
        };
        let follower = services.follower.clone();
        db.after_commit(move |conn| follower.catch_up_or_drop(conn));
        db.read_here(|conn| services.follower.catch_up(conn))?;
        let listener =
            TcpListener::bind(config.server.listen).with_context(|| format!("LISTEN: {}", config.server.listen))?;
        Connections::prepare(&listener)?;
        let port = listener.local_addr()?.port();
        let server = serve(listener, config.server.workers, services.clone())?;
        Ok(Self { server, port, services })
    }

    /// The port that it is bound to.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Its database: what is written by way of it is known to the answers that are kept, at once.
    pub fn db(&self) -> Db {
        self.services.context.db.clone()
    }

    /// Stops it from outside. Streams, which a signal ends, hold up a graceful stop.
    pub fn handle(&self) -> actix_web::dev::ServerHandle {
        self.server.handle()
    }

    /// Serves until a signal says otherwise; then finishes what is under way.
    pub async fn run(self) -> std::io::Result<()> {
        let Services {
            context: Context { db, clock, .. },
            guard: Guard { used, limits, .. },
            rates,
            follower,
            connections,
            ..
        } = self.services;
        let fetching = rates.fetch.then(|| jobs::rates::start(db.clone(), clock.clone(), rates));
        let _fetching = fetching.transpose()?;
        let running = [
            actix_web::rt::spawn(end_streams(follower.clone())),
            actix_web::rt::spawn(follower.follow(db.clone())),
            actix_web::rt::spawn(connections.watch()),
            actix_web::rt::spawn(jobs::keys::run(db.clone(), clock.clone(), used.clone())),
            actix_web::rt::spawn(jobs::limits::run(limits)),
            actix_web::rt::spawn(jobs::replicas::run(db.clone())),
            actix_web::rt::spawn(jobs::retention::run(db.clone(), clock.clone())),
            actix_web::rt::spawn(jobs::titles::run(db.clone())),
            actix_web::rt::spawn(jobs::transitions::run(db.clone(), clock)),
        ];
        let result = self.server.await;
        running.iter().for_each(|job| job.abort());
        jobs::keys::write_down(&db, &used).await;
        result
    }
}

/// On the signal at which the server finishes what is under way, ends what would go on for ever.
async fn end_streams(follower: Follower) {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminated) => {
            terminated.recv().await;
            follower.stop();
        }
        Err(error) => tracing::warn!(%error, "streams will hold up a stop: {error}"),
    }
}

fn serve(listener: TcpListener, workers: usize, services: Services) -> anyhow::Result<Server> {
    let Services {
        context,
        guard,
        in_flight,
        rates,
        follower,
        tokens,
        exports,
        kept,
        tickers,
        related,
        lists,
        connections,
        registry,
    } = services;
    let metrics = web::Data::new(RequestMetrics::new(&registry)?);
    let document = openapi::document();
    let contract = web::Data::new(Contract(serde_json::to_value(&document)?));
    // Calls that are counted have to come by the guard first.
    let counted = guard.limits.are_set();
    let (context, guard, in_flight) = (web::Data::new(context), web::Data::new(guard), web::Data::new(in_flight));
    let (rates, follower) = (web::Data::new(rates), web::Data::new(follower));
    let (tokens, exports) = (web::Data::new(tokens), web::Data::new(exports));
    let (tickers, lists) = (web::Data::new(tickers), web::Data::new(lists));
    let (details, related) = (web::Data::new(Details::new(related.clone())), web::Data::new(related));
    let (at_front, kept) = ((!counted).then(|| kept.clone()), web::Data::new(kept));
    let memory = at_front.clone().map(|kept| Arc::new(kept) as Arc<dyn Memory>);
    let (registry, known) = (web::Data::new(registry), web::Data::new(Routes::of(&document)));
    Ok(server::serve(listener, workers, connections, memory, move || {
        let (app, _) = App::new().into_utoipa_app().configure(routes::configure).split_for_parts();
        let app = app
            .configure(docs::configure)
            .app_data(context.clone())
            .app_data(guard.clone())
            .app_data(in_flight.clone())
            .app_data(rates.clone())
            .app_data(follower.clone())
            .app_data(tokens.clone())
            .app_data(exports.clone())
            .app_data(tickers.clone())
            .app_data(related.clone())
            .app_data(details.clone())
            .app_data(lists.clone())
            .app_data(kept.clone())
            .app_data(registry.clone())
            .app_data(metrics.clone())
            .app_data(known.clone())
            .app_data(contract.clone())
            .default_service(web::to(nothing_here))
            .wrap(Condition::new(counted, from_fn(kept::behind)))
            .wrap(from_fn(guard::guard))
            .wrap(from_fn(boundary));
        in_front(at_front.clone(), app)
    })?)
}

async fn nothing_here() -> Result<actix_web::HttpResponse, Problem> {
    Err(Problem::new(Code::NotFound, "There is nothing here."))
}
