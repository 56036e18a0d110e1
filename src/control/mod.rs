//! The control planes: AWS operations on the store.
//!
//! ```text
//! Request ── front: whose service? whose account and region? ── operation: which row? ── run ── wire ── Response
//! ```
//!
//! One writer: each operation holds the one lock, and what it changed is compiled and published before it is
//! answered, so a client always sees its own write. What is emulated is data: [`SERVICES`] and their rows.

pub mod access_log;
pub mod answer;
pub mod apigateway;
pub mod apigatewayv2;
pub mod call;
pub mod cloudcontrol;
pub mod cloudformation;
pub mod constraints;
pub mod custom_id;
pub mod ecr;
pub mod events;
pub mod files;
pub mod form;
pub mod front;
pub mod functions;
pub mod iam;
pub mod init;
pub mod input;
pub mod internal;
pub mod kms;
pub mod lambda;
pub mod limit;
pub mod logs;
pub mod members;
pub mod openapi;
pub mod operation;
pub mod origin;
pub mod overview;
pub mod package;
pub mod page;
pub mod perform;
pub mod ports;
pub mod s3;
pub mod ssm;
pub mod sts;
pub mod tree;
pub mod wire;
pub mod yaml;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;

use crate::base::{Now, Published, Rng, ids};
use crate::live::Live;
use crate::model::function::Version;
use crate::model::logs::Logs;
use crate::model::{Settings, Store};
use crate::proto::authority::Lazy;
use crate::proto::http1::{Reception, Request, Response};

use answer::{Answer, Body, Download, Error};
use call::Call;
use files::Files;
use functions::{Functions, Nobody};
use init::Init;
use operation::{Asked, Protocol, Run, Service};
use ports::Ports;
use s3::upload::Received;

/// All services that are emulated.
pub const SERVICES: &[Service] = &[
    Service {
        name: "apigatewayv2",
        protocol: Protocol::RestJson,
        operations: apigatewayv2::OPERATIONS,
        unsupported: &[],
    },
    Service {
        name: "cloudcontrolapi",
        protocol: Protocol::Json11,
        operations: cloudcontrol::OPERATIONS,
        unsupported: cloudcontrol::UNSUPPORTED,
    },
    Service {
        name: "cloudformation",
        protocol: Protocol::Query("http://cloudformation.amazonaws.com/doc/2010-05-15/"),
        operations: cloudformation::OPERATIONS,
        unsupported: cloudformation::UNSUPPORTED,
    },
    Service {
        name: "ecr",
        protocol: Protocol::Json11,
        operations: ecr::OPERATIONS,
        unsupported: ecr::UNSUPPORTED,
    },
    Service {
        name: "events",
        protocol: Protocol::Json11,
        operations: events::OPERATIONS,
        unsupported: events::UNSUPPORTED,
    },
    Service {
        name: "iam",
        protocol: Protocol::Query("https://iam.amazonaws.com/doc/2010-05-08/"),
        operations: iam::OPERATIONS,
        unsupported: iam::UNSUPPORTED,
    },
    Service {
        name: "kms",
        protocol: Protocol::Json11,
        operations: kms::OPERATIONS,
        unsupported: kms::UNSUPPORTED,
    },
    Service {
        name: "apigateway",
        protocol: Protocol::RestJson,
        operations: apigateway::OPERATIONS,
        unsupported: apigateway::UNSUPPORTED,
    },
    Service {
        name: "lambda",
        protocol: Protocol::RestJson,
        operations: lambda::OPERATIONS,
        unsupported: lambda::UNSUPPORTED,
    },
    Service {
        name: "logs",
        protocol: Protocol::Json11,
        operations: logs::OPERATIONS,
        unsupported: logs::UNSUPPORTED,
    },
    Service {
        name: "s3",
        protocol: Protocol::RestXml,
        operations: s3::OPERATIONS,
        unsupported: s3::UNSUPPORTED,
    },
    Service {
        name: "ssm",
        protocol: Protocol::Json11,
        operations: ssm::OPERATIONS,
        unsupported: ssm::UNSUPPORTED,
    },
    Service {
        name: "sts",
        protocol: Protocol::Query("https://sts.amazonaws.com/doc/2011-06-15/"),
        operations: sts::OPERATIONS,
        unsupported: sts::UNSUPPORTED,
    },
];

/// AWS: a zip of 50 MB, which base64 and the JSON around it make this large ("Request must be smaller than
/// 70167211 bytes").
pub const MAX_UPLOAD: usize = 70_167_211;

/// Ours, as of the data plane: no other call of a control plane comes near.
pub const MAX_CALL: usize = 10 * 1024 * 1024;

/// The control planes, shared by all threads.
pub struct Control {
    store: Mutex<Store>,
    live: Arc<Published<Live>>,
    context: Context,
    /// Where request ids come from: apart from the store's, since a refused call needs one too.
    request_ids: Mutex<Rng>,
    started: Now,
    /// Who signs the certificates that we show; `None`: nobody of ours.
    pub authority: Option<Arc<Lazy>>,
    /// The init hooks, for those who wait for them.
    pub init: Init,
    /// Functions, for operations that invoke them and wait.
    pub functions: Arc<dyn Functions>,
    /// A UUID of this run.
    session: String,
}

/// What operations may use besides the store.
pub struct Context {
    /// What changes answers.
    pub settings: Arc<Settings>,
    /// The disk; only for those that run on the jobs thread.
    pub files: Arc<dyn Files>,
    /// Where WebSocket APIs get their ports.
    pub ports: Arc<dyn Ports>,
    /// What functions and others log: see [`logs`].
    pub logs: Mutex<Logs>,
}

impl Context {
    /// The logs, under their lock: hold it briefly, functions that print wait for it.
    pub fn logs(&self) -> MutexGuard<'_, Logs> {
        // As with the store: whoever panicked was answered 500.
        self.logs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What becomes of a call.
pub enum Turn {
    /// It is done.
    Done(Done),
    /// It may take its time: `run` it on the jobs thread.
    Later(Later),
    /// It is an invocation: ask the pool, then [`Invocation::response`].
    Invoke(Invocation),
    /// Everything was emptied: end workers and connections too.
    Reset(Done),
    /// Gatelet is to end, as at a signal.
    End(Done),
    /// `GET /_gatelet/metrics`: who counts must answer.
    Metrics,
}

/// An answered call, and what log and metrics say of it.
pub struct Done {
    /// The answer.
    pub response: Response,
    /// The service: `apigatewayv2`, `lambda`, `sts`, …; `gatelet` for our own endpoints.
    pub service: &'static str,
    /// The operation's name; `-` where none was recognised.
    pub operation: &'static str,
    /// The body, where it is read from files while it is sent.
    pub download: Option<Download>,
}

impl Done {
    /// An answer of our own.
    pub fn ours(response: Response, operation: &'static str) -> Self {
        Self { response, service: "gatelet", operation, download: None }
    }

    /// The answer to a call of a row of `service`.
    pub fn of(
        service: &'static Service,
        operation: &'static str,
        request_id: &str,
        outcome: Result<Answer, Error>,
    ) -> Self {
        let mut download = None;
        let response = match outcome {
            Ok(answer) => {
                if let Body::Object(_, object) = &answer.body {
                    download = Some(object.clone());
                }
                wire::answer(service.protocol, operation, request_id, answer)
            }
            Err(error) => wire::error(service.protocol, request_id, &error),
        };
        Self { response, service: service.name, operation, download }
    }
}

/// A call that may take its time: unpacking, reading folders.
pub struct Later {
    run: fn(&Control, &Call) -> Result<Answer, Error>,
    call: Call,
}

impl Later {
    /// Runs it. Blocks; a panic is caught and answered 500.
    pub fn run(self, control: &Control) -> Done {
        let outcome = guarded(|| (self.run)(control, &self.call));
        Done::of(self.call.service, self.call.operation.name, &self.call.request_id, outcome)
    }
}

/// What a call that may invoke a function comes to.
pub enum Checked {
    /// The function is to be invoked.
    Invocation(Invocation),
    /// It was only to be seen whether it could be.
    Answer(Answer),
}

/// A call of Lambda's Invoke, checked: what runs, and how the answer is to be shaped.
pub struct Invocation {
    /// What runs.
    pub function: Arc<Version>,
    /// The ARN with the qualifier that was asked for.
    pub arn: Arc<str>,
    /// The event.
    pub event: Bytes,
    /// `X-Amz-Client-Context`, decoded.
    pub client_context: Option<Arc<str>>,
    /// `RequestResponse`: the caller waits. `Event`: answer at once ([`Invocation::accepted`]), forget the outcome.
    pub waits: bool,
    /// `LogType=Tail`
    pub tail: bool,
    /// [`Call::request_id`]: for the answers that come without a Lambda request id.
    pub request_id: String,
}

impl Control {
    /// Control planes over an empty store.
    pub fn new(
        settings: Arc<Settings>,
        live: Arc<Published<Live>>,
        files: Arc<dyn Files>,
        ports: Arc<dyn Ports>,
        mut rng: Rng,
        started: Now,
    ) -> Self {
        Self {
            session: ids::uuid(&mut rng),
            request_ids: Mutex::new(rng.fork()),
            store: Mutex::new(Store::new(rng)),
            live,
            context: Context { settings, files, ports, logs: Mutex::default() },
            started,
            authority: None,
            init: Init::default(),
            functions: Arc::new(Nobody),
        }
    }

    /// A request that no api owns: an AWS operation, one of our own endpoints, or nothing that exists.
    /// Never blocks for long. A panic is caught and answered 500.
    pub fn call(&self, now: Now, request: Request) -> Turn {
        self.turn(now, request, None)
    }

    /// How the body of this request, of which only the head has come, is received: uploads to S3 go to disk.
    pub fn reception(&self, request: &Request) -> Reception {
        let is_upload = request.method() == "PUT"
            && match front::door(request, |name| self.store().buckets.contains_key(name)) {
                front::Door::Service { service, asked: Asked::Operation(row, _), .. } => {
                    service.protocol == Protocol::RestXml && s3::UPLOADS.contains(&row.name)
                }
                front::Door::Service { .. } | front::Door::Foreign { .. } | front::Door::Nothing => false,
            };
        if is_upload { Reception::Pieces } else { Reception::Whole(Self::body_limit(request)) }
    }

    /// A request of [`Control::reception`]'s kind, and its body where it has come well.
    pub fn uploaded(&self, now: Now, request: Request, received: Result<Received, Error>) -> Turn {
        match received {
            Ok(received) => self.turn(now, request, Some(received)),
            Err(error) => Turn::Done(Done::of(s3::SERVICE, "-", &self.request_id(), Err(error))),
        }
    }

    fn turn(&self, now: Now, request: Request, received: Option<Received>) -> Turn {
        let request_id = self.request_id();
        if !origin::is_welcome(&self.context.settings, &request) {
            let message = "gatelet answers only pages of this machine, and this request's Origin is another: allow it \
                           by EXTRA_CORS_ALLOWED_ORIGINS or --allow-origin";
            let error = Error::new(403, "AccessDeniedException", message);
            return Turn::Done(front::refused(Protocol::RestJson, &request_id, &error));
        }
        if request.method() == "OPTIONS" {
            return Turn::Done(Done::ours(origin::options(), "-"));
        }
        if let Some(turn) = internal::call(self, now, &request, &request_id) {
            return turn;
        }
        let door = front::door(&request, |name| self.store().buckets.contains_key(name));
        let front::Door::Service { service, asked, owner, query } = door else {
            return Turn::Done(front::refuse(&door, &request, &request_id, &self.context.settings));
        };
        if service.protocol == Protocol::RestXml
            && let Err(error) = s3::presigned::check(now, &query)
        {
            return Turn::Done(Done::of(service, "-", &request_id, Err(error)));
        }
        let (operation, path) = match asked {
            Asked::Operation(operation, bound) => (operation, bound),
            Asked::Unsupported(name) => {
                let mut error = Error::not_supported(service.name, name);
                if service.protocol == Protocol::RestXml {
                    error.code = s3::refusal::NOT_IMPLEMENTED;
                }
                return Turn::Done(Done::of(service, name, &request_id, Err(error)));
            }
            Asked::Unknown => {
                let error = front::unknown_operation(service, &request);
                return Turn::Done(Done::of(service, "-", &request_id, Err(error)));
            }
        };
        let call = Call { owner, service, operation, now, request_id, path, query, request, received };
        let outcome = match operation.run {
            Run::Slow(run) => return Turn::Later(Later { run, call }),
            Run::Quick(run) => {
                let outcome = guarded(|| {
                    let mut store = self.store();
                    let outcome = run(&mut store, &self.context, &call);
                    self.commit(store);
                    outcome
                });
                return Turn::Done(Done::of(service, operation.name, &call.request_id, outcome));
            }
            Run::Invoke(run) => match guarded(|| run(&self.store(), &self.context, &call)) {
                Ok(Checked::Invocation(invocation)) => return Turn::Invoke(invocation),
                Ok(Checked::Answer(answer)) => Ok(answer),
                Err(error) => Err(error),
            },
        };
        Turn::Done(Done::of(service, operation.name, &call.request_id, outcome))
    }

    /// The store, under its lock: hold it briefly, the reactor waits for it.
    pub fn store(&self) -> MutexGuard<'_, Store> {
        // An operation that panicked was answered 500; the next one shall not suffer from it.
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Compiles and publishes what changed, then lets the store go. Call before the answer.
    pub fn commit(&self, mut store: MutexGuard<'_, Store>) {
        if store.changed.is_empty() {
            return;
        }
        let next = self.live.latest().next(&store);
        self.live.publish(next);
        store.changed = Default::default();
    }

    /// What operations may use besides the store.
    pub fn context(&self) -> &Context {
        &self.context
    }

    /// How large a body this request may have, judged by its head alone: Lambda uploads may be large.
    pub fn body_limit(request: &Request) -> usize {
        if lambda::UPLOADS.iter().any(|upload| request.path().starts_with(upload)) {
            MAX_UPLOAD
        } else {
            MAX_CALL
        }
    }

    fn request_id(&self) -> String {
        ids::uuid(&mut self.request_ids.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Runs an operation; a panic becomes a 500, since a mistake in one operation must not end all connections.
fn guarded<T>(run: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    // The store may be left between two steps, as after any error; nothing is unsafe about it.
    catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|_| {
        Err(Error::new(500, "InternalFailure", "gatelet made a mistake: please report it, with its log"))
    })
}

#[cfg(test)]
mod tests;
