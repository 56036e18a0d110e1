//! Bodies that are too large for memory: uploads that go to disk as they come, and answers that are read from disk
//! as the client takes them.
//!
//! ```text
//!   inbox ── Decoded::Piece ──> Upload::take ──> file          128 KB a turn at most (8 reads of 16 KB)
//!   file ── Download::read ──> outbox ── flush ──> client      256 KB a turn at most, once the outbox is empty
//! ```
//!
//! Both are short reads and writes of the page cache, on the reactor's thread: what takes longer (checksums of whole
//! objects) is done on the jobs threads. Nothing is held of a body but what is under way.

use super::Reactor;
use super::conn::Conn;
use super::role::{Flight, Role, Wait};
use crate::base::{Key, Now};
use crate::control::Control;
use crate::control::answer::{Download, Error};
use crate::control::s3::upload::Upload;
use crate::gateway::Engine;
use crate::live::Live;
use crate::proto::http1::response::CONTINUE;
use crate::proto::http1::{Reception, Request, Response};

/// How much of a file is read for a client at once.
const PIECE: usize = 256 * 1024;

/// A request whose body goes to disk.
pub struct Uploading {
    request: Request,
    upload: Upload,
}

/// What is left of an answer.
pub struct Sending {
    download: Download,
    keep_alive: bool,
}

/// How the body of this request, of which only the head has come, is received.
pub fn reception(control: &Control, live: &Live, request: &Request) -> Reception {
    // First what is cheap to tell: almost no request is such an upload.
    if request.method() != "PUT" || Engine::owns(live, request) {
        return Reception::Whole(Control::body_limit(request));
    }
    control.reception(request)
}

impl Reactor {
    /// A request whose body is to go to disk has begun. `waits`: its client waits for us.
    pub(super) fn begin_upload(&mut self, now: Now, key: Key<Conn>, request: Request, waits: bool) {
        let upload = match Upload::begin(&request) {
            Ok(upload) => upload,
            Err(error) => return self.refuse_upload(now, key, request, error),
        };
        let Some(conn) = self.conns.get_mut(key) else { return };
        let Role::Http(http) = &mut conn.role else { return };
        http.uploading = Some(Box::new(Uploading { request, upload }));
        if waits {
            conn.out().extend_from_slice(CONTINUE);
            self.touch(key);
        }
    }

    /// A piece of it stands at the front of the inbox.
    pub(super) fn take_piece(&mut self, now: Now, key: Key<Conn>, data: usize, read: usize, last: bool) {
        let Some(conn) = self.conns.get_mut(key) else { return };
        let (Role::Http(http), inbox, _) = conn.parts() else { return };
        let Some(mut uploading) = http.uploading.take() else { return };
        let files = &*self.control.context().files;
        let taken = uploading.upload.take(files, &mut inbox.bytes_mut()[..data]);
        inbox.take(read);
        match taken {
            Err(error) => self.refuse_upload(now, key, uploading.request, error),
            Ok(()) if last => {
                let Uploading { request, upload } = *uploading;
                self.take_off(now, key, &request);
                let turn = self.control.uploaded(now, request, upload.end());
                self.carry_out(now, key, turn);
            }
            Ok(()) => http.uploading = Some(uploading),
        }
    }

    /// Answers an upload that goes wrong, and closes: what still comes of it would be no request.
    fn refuse_upload(&mut self, now: Now, key: Key<Conn>, request: Request, error: Error) {
        self.take_off(now, key, &request);
        if let Some(Conn { role: Role::Http(http), inbox, .. }) = self.conns.get_mut(key)
            && let Some(flight) = &mut http.flight
        {
            flight.keep_alive = false;
            inbox.take(inbox.len());
        }
        let turn = self.control.uploaded(now, request, Err(error));
        self.carry_out(now, key, turn);
    }

    /// A request is whole, and on its way to an answer.
    fn take_off(&mut self, now: Now, key: Key<Conn>, request: &Request) {
        if let Some(Conn { role: Role::Http(http), .. }) = self.conns.get_mut(key) {
            http.flight = Some(Flight {
                line: Some(Box::new((request.method().to_owned(), request.path().to_owned()))),
                ..Flight::of(request, now)
            });
            http.wait = Wait::Us;
            self.deadlines.clear(key);
        }
    }

    /// Answers with a body that lies on disk.
    pub(super) fn reply_download(&mut self, key: Key<Conn>, response: &Response, download: Download) {
        let Some(keep_alive) = self.write_reply(key, response) else { return };
        let Some(Conn { role: Role::Http(http), .. }) = self.conns.get_mut(key) else { return };
        let wants_body = http.flight.as_ref().is_some_and(|flight| !flight.head_only);
        if !wants_body || download.left() == 0 {
            return self.replied(key, keep_alive);
        }
        http.sending = Some(Box::new(Sending { download, keep_alive }));
        self.touch(key);
        self.queue_again(key);
    }

    /// Sends the next piece of an answer, if what was sent before is gone.
    pub(super) fn send_on(&mut self, now: Now, key: Key<Conn>) {
        let Some(conn) = self.conns.get_mut(key) else { return };
        if conn.pending() > 0 {
            return;
        }
        let (Role::Http(http), _, out) = conn.parts() else { return };
        let Some(sending) = &mut http.sending else { return };
        let room = PIECE.min(usize::try_from(sending.download.left()).unwrap_or(PIECE));
        let before = out.len();
        out.resize(before + room, 0);
        let Ok(count) = sending.download.read(&*self.control.context().files, &mut out[before..]) else {
            // The head has promised more: only an end before it says that there is none.
            return self.drop_conn(now, key);
        };
        out.truncate(before + count);
        let is_over = sending.download.left() == 0;
        let keep_alive = sending.keep_alive;
        self.touch(key);
        if is_over {
            if let Some(Conn { role: Role::Http(http), .. }) = self.conns.get_mut(key) {
                http.sending = None;
            }
            self.replied(key, keep_alive);
        }
    }
}
