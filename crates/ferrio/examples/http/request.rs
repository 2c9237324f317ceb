//! What a request is, and what is wrong with one.

use crate::answer::Status;

/// A request that has arrived in full.
#[derive(Debug, PartialEq)]
pub(crate) struct Request<'a> {
    pub(crate) method: &'a str,
    pub(crate) target: &'a str,
    pub(crate) body: &'a [u8],
    /// True if the client wants to send more requests on this connection.
    pub(crate) keep_alive: bool,
    /// How many bytes of the input it takes.
    pub(crate) length: usize,
}

/// What the beginning of the input is.
#[derive(Debug, PartialEq)]
pub(crate) enum Parsed<'a> {
    /// The client waits to be told to send the body.
    Expected,
    /// More bytes are needed.
    Incomplete,
    Request(Request<'a>),
}

/// The most bytes in the request line and the fields together.
pub(crate) const HEAD_MAX: usize = 8 * 1024;
/// The most bytes in a body.
pub(crate) const BODY_MAX: usize = 64 * 1024;
/// The most bytes of empty lines before a request.
const BLANK_MAX: usize = 4;

/// The fields that matter to this server.
#[derive(Default)]
struct Fields<'a> {
    host: Option<&'a str>,
    length: Option<usize>,
    close: bool,
    keep_alive: bool,
    expects: bool,
}

/// Reads the request at the beginning of `input`.
///
/// # Errors
///
/// The status to answer with. What follows in the input means nothing then.
pub(crate) fn parse(input: &[u8]) -> Result<Parsed<'_>, Status> {
    // An empty line before a request is tolerated: old clients end a body with one.
    let blank = input.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
    let rest = &input[blank..];
    let head_end = rest.windows(4).position(|window| window == b"\r\n\r\n");
    if blank > BLANK_MAX {
        return Err(Status::BadRequest);
    }
    if head_end.unwrap_or(rest.len()) > HEAD_MAX {
        return Err(Status::HeadTooLarge);
    }
    let Some(head_end) = head_end else { return Ok(Parsed::Incomplete) };
    let head = std::str::from_utf8(&rest[..head_end]).map_err(|_| Status::BadRequest)?;
    let mut lines = head.split("\r\n");
    let (method, target, is_1_1) = request_line(lines.next().unwrap_or_default())?;
    let mut fields = Fields::default();
    lines.try_for_each(|line| fields.add(line))?;
    if is_1_1 && fields.host.is_none() {
        return Err(Status::BadRequest);
    }
    let length = fields.length.unwrap_or(0);
    if length > BODY_MAX {
        return Err(Status::BodyTooLarge);
    }
    let body_start = head_end + 4;
    let Some(body) = rest.get(body_start..body_start + length) else {
        let is_asked = fields.expects && is_1_1 && rest.len() == body_start;
        return Ok(if is_asked { Parsed::Expected } else { Parsed::Incomplete });
    };
    let keep_alive = !fields.close && (is_1_1 || fields.keep_alive);
    let length = blank + body_start + length;
    Ok(Parsed::Request(Request { method, target, body, keep_alive, length }))
}

/// The method, the target, and whether the version is 1.1.
fn request_line(line: &str) -> Result<(&str, &str, bool), Status> {
    let mut words = line.split(' ');
    let (Some(method), Some(target), Some(version), None) =
        (words.next(), words.next(), words.next(), words.next())
    else {
        return Err(Status::BadRequest);
    };
    let is_visible = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
    if !is_token(method) || !is_visible(target) {
        return Err(Status::BadRequest);
    }
    match version {
        "HTTP/1.1" => Ok((method, target, true)),
        "HTTP/1.0" => Ok((method, target, false)),
        _ if version.starts_with("HTTP/") => Err(Status::VersionNotSupported),
        _ => Err(Status::BadRequest),
    }
}

impl<'a> Fields<'a> {
    /// Takes a field. What could be read in two ways is refused: another program between the
    /// client and this one may have read it in the other.
    fn add(&mut self, line: &'a str) -> Result<(), Status> {
        let (name, value) = line.split_once(':').ok_or(Status::BadRequest)?;
        let value = value.trim_matches([' ', '\t']);
        if !is_token(name) || value.bytes().any(|byte| byte.is_ascii_control() && byte != b'\t') {
            return Err(Status::BadRequest);
        }
        match name.to_ascii_lowercase().as_str() {
            "host" if self.host.is_some() => return Err(Status::BadRequest),
            "host" => self.host = Some(value),
            "content-length" => self.set_length(value)?,
            "transfer-encoding" => return Err(Status::NotImplemented),
            "connection" => {
                let has = |option| value.split(',').any(|word| word.trim().eq_ignore_ascii_case(option));
                self.close |= has("close");
                self.keep_alive |= has("keep-alive");
            }
            "expect" => self.expects = value.eq_ignore_ascii_case("100-continue"),
            _ => {}
        }
        Ok(())
    }

    fn set_length(&mut self, value: &str) -> Result<(), Status> {
        if value.is_empty() || !value.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Status::BadRequest);
        }
        // Only a number that is too large cannot be read now.
        let length = value.parse().unwrap_or(usize::MAX);
        match self.length.replace(length) {
            Some(other) if other != length => Err(Status::BadRequest),
            _ => Ok(()),
        }
    }
}

/// True for a word in the sense of HTTP: a method or the name of a field.
fn is_token(text: &str) -> bool {
    let is_mark = |byte: u8| b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || is_mark(byte))
}
