//! What is to run.

use std::collections::BTreeMap;
use std::fs;

use crate::options::Options;

/// The commands by the names of their services.
pub(crate) type Config = BTreeMap<String, String>;

/// What the command line and the file say now.
///
/// # Errors
///
/// What is wrong, and where. Nothing of a configuration that is wrong is used.
pub(crate) fn read(options: &Options) -> Result<Config, String> {
    let mut config = Config::new();
    for text in &options.services {
        add(&mut config, text)?;
    }
    let Some(path) = &options.config else { return Ok(config) };
    let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    for (index, line) in text.lines().enumerate() {
        if !line.trim().is_empty() && !line.trim_start().starts_with('#') {
            add(&mut config, line)
                .map_err(|error| format!("{}, line {}: {error}", path.display(), index + 1))?;
        }
    }
    Ok(config)
}

/// Adds what `text` says, which is `NAME=COMMAND`.
fn add(config: &mut Config, text: &str) -> Result<(), String> {
    let (name, command) = text.split_once('=').ok_or_else(|| format!("`{text}` is not NAME=COMMAND"))?;
    let (name, command) = (name.trim(), command.trim());
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if name.is_empty() || !name.bytes().all(is_plain) {
        return Err(format!("`{name}` is no name: use letters, digits, `_` and `-`"));
    }
    if command.is_empty() {
        return Err(format!("`{name}` has no command"));
    }
    match config.insert(name.to_owned(), command.to_owned()) {
        Some(_) => Err(format!("`{name}` stands twice")),
        None => Ok(()),
    }
}
