//! A service in front of the application: what is kept is sent before the application has made a request of its own out
//! of what came, and so at less than the cost of an empty handler's answer.

use std::future::{Ready, ready};
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Instant;

use actix_http::{Payload, Request};
use actix_service::{IntoServiceFactory, Service, ServiceFactory};
use actix_web::Error;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{AppConfig, Response, ServiceResponse};
use futures_util::future::{Either, FutureExt, LocalBoxFuture};

use super::KeptAnswers;
use super::layer::{Asked, Sent};
use crate::http::boundary::{given_id, identify, note, rendered, request_id};
use crate::http::connections::{Known, until_sent, watch_body};

/// The application with the answers that are kept in front of it; with `None`, as it is.
pub fn in_front<A, F, B>(kept: Option<KeptAnswers>, app: A) -> Front<F>
where
    A: IntoServiceFactory<F, Request>,
    B: MessageBody + 'static,
    F: ServiceFactory<Request, Config = AppConfig, Response = ServiceResponse<B>, Error = Error>,
    F::Service: 'static,
    F::Future: 'static,
{
    Front { kept, app: app.into_factory() }
}

/// Makes a [`FrontService`] for each thread.
pub struct Front<F> {
    kept: Option<KeptAnswers>,
    app: F,
}

/// See the module.
pub struct FrontService<S> {
    kept: Option<Rc<KeptAnswers>>,
    app: Rc<S>,
}

impl<F, B> ServiceFactory<Request> for Front<F>
where
    B: MessageBody + 'static,
    F: ServiceFactory<Request, Config = AppConfig, Response = ServiceResponse<B>, Error = Error>,
    F::Service: 'static,
    F::Future: 'static,
{
    type Response = Response<BoxBody>;
    type Error = Error;
    type Config = AppConfig;
    type Service = FrontService<F::Service>;
    type InitError = F::InitError;
    type Future = LocalBoxFuture<'static, Result<Self::Service, Self::InitError>>;

    fn new_service(&self, config: AppConfig) -> Self::Future {
        let (kept, app) = (self.kept.clone(), self.app.new_service(config));
        async move { Ok(FrontService { kept: kept.map(Rc::new), app: Rc::new(app.await?) }) }.boxed_local()
    }
}

type Answered = Result<Response<BoxBody>, Error>;

impl<S, B> Service<Request> for FrontService<S>
where
    B: MessageBody + 'static,
    S: Service<Request, Response = ServiceResponse<B>, Error = Error> + 'static,
    S::Future: 'static,
{
    type Response = Response<BoxBody>;
    type Error = Error;
    type Future = Either<Ready<Answered>, LocalBoxFuture<'static, Answered>>;

    fn poll_ready(&self, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.app.poll_ready(context)
    }

    fn call(&self, mut req: Request) -> Self::Future {
        let started = Instant::now();
        let bare = matches!(req.payload(), Payload::None);
        // Nobody reads what comes with a GET, nor is that answered from memory.
        let reads = !bare && !req.method().is_safe();
        let body = watch_body(&mut req);
        let head = req.head();
        let kept = self.kept.as_ref().filter(|_| bare);
        let found = kept.and_then(|kept| Some((kept, kept.key_of(&head.method, &head.uri, &head.headers)?)));
        // One that was read off the wire has waited for its place there.
        let place = req.conn_data::<Rc<Known>>().and_then(|known| known.place());
        let Some((kept, key)) = found else {
            let busy = req.conn_data::<Rc<Known>>().map(|known| known.busy(reads, body));
            let sent = |res: ServiceResponse<B>| until_sent(res.map_into_boxed_body().into(), busy);
            return Either::Right(self.app.call(req).map(|res| res.map(sent)).boxed_local());
        };
        let earlier = match kept.kept_now(&key, &req) {
            Ok(mut response) => {
                let id = request_id(given_id(&head.headers), kept.clock.now());
                if let Some(connection) = req.conn_data::<Rc<Known>>() {
                    connection.touch();
                }
                identify(response.headers_mut(), &id);
                note(&id, (&head.method, head.uri.path()), response.status(), started);
                return Either::Left(ready(Ok(response.into())));
            }
            Err(earlier) => earlier,
        };
        let busy = req.conn_data::<Rc<Known>>().map(|known| known.busy(reads, body));
        let asked = Asked::of(&req);
        let (kept, app, key) = (kept.clone(), self.app.clone(), key.into());
        // Others may fetch the answer meanwhile, and then this request ends here too.
        let (given, method, uri) = (given_id(&head.headers).map(<[u8]>::to_vec), head.method.clone(), head.uri.clone());
        let answer = async move {
            let handle = async |req| Ok(app.call(req).await?.map_into_boxed_body().into());
            let id = || request_id(given.as_deref(), kept.clock.now());
            let (id, response) = match kept.answer(key, &asked, earlier, place, req, handle).await? {
                Sent::Handled(res) => return Ok(until_sent(res, busy)),
                Sent::Refused(problem, _) => {
                    let id = id();
                    let response = rendered(&problem, &id);
                    (id, response)
                }
                Sent::Kept(mut response, _) | Sent::Instead(mut response, _) => {
                    let id = id();
                    identify(response.headers_mut(), &id);
                    (id, response)
                }
            };
            note(&id, (&method, uri.path()), response.status(), started);
            Ok(response.into())
        };
        Either::Right(answer.boxed_local())
    }
}
