//! The least that actix can do: what the service's own cost is measured against.

use actix_web::{App, HttpResponse, HttpServer, web};

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let port = std::env::args().nth(1).and_then(|port| port.parse().ok()).unwrap_or(8099);
    HttpServer::new(|| App::new().route("/", web::get().to(async || HttpResponse::Ok().body("hello"))))
        .workers(1)
        .bind(("127.0.0.1", port))?
        .run()
        .await
}
