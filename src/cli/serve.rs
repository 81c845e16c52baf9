//! `xabar serve`.

use clap::Args;

use crate::app::Application;
use crate::clock::Clock;
use crate::config::Config;
use crate::db::{self, Db};
use crate::demo;
use crate::rates::Rates;

#[derive(Debug, Args)]
pub struct Serve {
    /// Fill an empty database with sample content and rates first.
    #[arg(long)]
    demo: bool,
}

impl Serve {
    /// Serves until a signal stops it.
    pub fn run(&self, config: &Config) -> anyhow::Result<()> {
        let clock = Clock::system();
        if self.demo {
            let db = Db::open(&config.database.url, config.database.pool)?;
            db::migrate(&db)?;
            let content = demo::fill(&db, &clock)?;
            match &content {
                Some(report) => tracing::info!("sample content: {report}"),
                None => tracing::info!("the database has content already, so no sample content was added"),
            }
            let rates = Rates::new(&config.rates)?;
            let quotes = demo::rates::fill(&db, &rates, clock.now(), content.is_some())?;
            tracing::info!(quotes, "sample rates: {quotes} quotes added");
        }
        let workers = config.server.workers;
        actix_web::rt::System::new().block_on(async {
            let app = Application::build(config, clock)?;
            let address = std::net::SocketAddr::new(config.server.listen.ip(), app.port());
            tracing::info!(%address, workers, "serving on http://{address}, documentation at http://{address}/docs");
            app.run().await?;
            tracing::info!("stopped");
            Ok(())
        })
    }
}
