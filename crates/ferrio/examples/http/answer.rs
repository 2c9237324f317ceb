//! What is served.

use crate::request::Request;

/// The statuses that this server gives.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Status {
    BadRequest,
    BodyTooLarge,
    HeadTooLarge,
    /// The methods that the path has.
    MethodNotAllowed(&'static str),
    NotFound,
    NotImplemented,
    Ok,
    RequestTimeout,
    VersionNotSupported,
}

/// The most bytes of an answer. So much must be free in the output before a request is served.
pub(crate) const ANSWER_MAX: usize = 2 * 1024 * 1024;

impl Status {
    fn line(self) -> &'static str {
        match self {
            Status::BadRequest => "400 Bad Request",
            Status::BodyTooLarge => "413 Content Too Large",
            Status::HeadTooLarge => "431 Request Header Fields Too Large",
            Status::MethodNotAllowed(_) => "405 Method Not Allowed",
            Status::NotFound => "404 Not Found",
            Status::NotImplemented => "501 Not Implemented",
            Status::Ok => "200 OK",
            Status::RequestTimeout => "408 Request Timeout",
            Status::VersionNotSupported => "505 HTTP Version Not Supported",
        }
    }
}

/// The answer to a request.
pub(crate) fn to(request: &Request<'_>) -> Vec<u8> {
    let path = request.target.split('?').next().unwrap_or_default();
    let has_body = request.method != "HEAD";
    let is_get = matches!(request.method, "GET" | "HEAD");
    let (status, body) = match path {
        "/" if is_get => (Status::Ok, b"Hello from Ferrio. Try /numbers, or POST to /echo.\n".to_vec()),
        "/numbers" if is_get => (Status::Ok, numbers()),
        "/echo" if request.method == "POST" => (Status::Ok, request.body.to_vec()),
        _ => {
            let wrong = match path {
                "/" | "/numbers" => Status::MethodNotAllowed("GET, HEAD"),
                "/echo" => Status::MethodNotAllowed("POST"),
                _ => Status::NotFound,
            };
            return error(wrong, request.keep_alive, has_body);
        }
    };
    assemble(status, &body, request.keep_alive, has_body)
}

/// An answer that says what is wrong.
pub(crate) fn error(status: Status, keep_alive: bool, has_body: bool) -> Vec<u8> {
    assemble(status, format!("{}\n", status.line()).as_bytes(), keep_alive, has_body)
}

fn assemble(status: Status, body: &[u8], keep_alive: bool, has_body: bool) -> Vec<u8> {
    let connection = if keep_alive { "keep-alive" } else { "close" };
    let allow = match status {
        Status::MethodNotAllowed(methods) => format!("Allow: {methods}\r\n"),
        _ => String::new(),
    };
    let head = format!(
        "HTTP/1.1 {}\r\nContent-Type: text/plain\r\nContent-Length: {}\r\n{allow}Connection: {connection}\r\n\r\n",
        status.line(),
        body.len(),
    );
    let mut bytes = head.into_bytes();
    if has_body {
        bytes.extend_from_slice(body);
    }
    bytes
}

/// More than a socket holds, so that writes are partial.
fn numbers() -> Vec<u8> {
    (0..200_000).flat_map(|number| format!("{number}\n").into_bytes()).collect()
}
