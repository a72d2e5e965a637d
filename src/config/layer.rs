//! The layers, laid over one another, and which of them each setting came from.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

use super::settings::{OPTIONAL, PATHS};
use super::{FILE_VARIABLE, Faults, Settings, file};

/// Every variable of the environment that is a setting begins so.
const PREFIX: &str = "CHOFUKU_";
/// What other programs call the filter of their logs; it counts where `CHOFUKU_LOG_FILTER` is not set.
const RUST_LOG: &str = "RUST_LOG";

/// Where a setting came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// Nobody said anything.
    Default,
    /// The configuration file.
    File(PathBuf),
    /// A variable of the environment.
    Environment(String),
    /// A flag of the command.
    Flag(&'static str),
}

/// A setting given on the command line.
#[derive(Clone, Debug)]
pub(crate) struct Flag {
    name: &'static str,
    key: &'static str,
    value: Value,
}

/// The settings in force, and where they came from.
#[derive(Debug)]
pub(crate) struct Configured {
    pub(crate) settings: Settings,
    /// The source of each key that is not the default's.
    sources: BTreeMap<String, Source>,
    /// Variables that look like settings and are none.
    pub(crate) unknown: Vec<String>,
}

/// A setting as it is shown.
#[derive(Debug)]
pub(crate) struct Shown {
    pub(crate) key: String,
    /// The value as TOML; nothing where there is none.
    pub(crate) value: Option<Value>,
    pub(crate) source: Source,
}

impl Flag {
    pub(crate) fn new(name: &'static str, key: &'static str, value: impl Into<Value>) -> Self {
        Self { name, key, value: value.into() }
    }

    pub(crate) fn path(name: &'static str, key: &'static str, path: &Path) -> Self {
        Self::new(name, key, path.to_string_lossy().into_owned())
    }
}

impl Configured {
    /// Every setting, with its value and its source.
    pub(crate) fn shown(&self) -> Vec<Shown> {
        let values = table(&self.settings);
        let source = |key: &str| self.sources.get(key).cloned().unwrap_or(Source::Default);
        let mut shown: Vec<Shown> = keys()
            .into_iter()
            .map(|key| Shown { value: get(&values, &key).cloned(), source: source(&key), key })
            .collect();
        for name in self.settings.policies.keys() {
            let key = format!("policies.{name}");
            shown.push(Shown { value: get(&values, &key).cloned(), source: source(&key), key });
        }
        shown
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Environment(name) => f.write_str(name),
            Self::Flag(name) => f.write_str(name),
        }
    }
}

/// The variable of a key: `limits.body_timeout` is `CHOFUKU_LIMITS_BODY_TIMEOUT`.
pub(crate) fn variable(key: &str) -> String {
    format!("{PREFIX}{}", key.replace('.', "_").to_uppercase())
}

/// Every key but those of policies, in the order in which they are shown.
pub(crate) fn keys() -> Vec<String> {
    let mut keys: Vec<String> = OPTIONAL.map(str::to_owned).into();
    leaves(&table(&Settings::default()), "", &mut keys);
    keys.sort_by_key(|key| (key.contains('.'), key.clone()));
    keys
}

/// Lays a file, the environment and flags over the defaults.
///
/// # Errors
///
/// Every key that there is not and every value that a setting cannot have.
pub(super) fn gather(
    file: Option<PathBuf>,
    environment: &[(OsString, OsString)],
    flags: Vec<Flag>,
) -> Result<Configured, Faults> {
    let mut layers = Layers { values: table(&Settings::default()), ..Layers::default() };
    if let Some(path) = file {
        layers.file(&path);
    }
    let unknown = layers.environment(environment);
    for Flag { name, key, value } in flags {
        layers.set(key, value, Source::Flag(name));
    }
    Faults::none(layers.faults)?;
    let settings: Settings = layers.values.try_into().map_err(|error: toml::de::Error| {
        Faults(vec![format!("the configuration: {}", error.message())])
    })?;
    Ok(Configured { settings, sources: layers.sources, unknown })
}

#[derive(Default)]
struct Layers {
    values: Table,
    sources: BTreeMap<String, Source>,
    faults: Vec<String>,
}

impl Layers {
    fn file(&mut self, path: &Path) {
        let given = match file::read(path) {
            Ok(given) => given,
            Err(Faults(reasons)) => return self.faults.extend(reasons),
        };
        let mut keys = Vec::new();
        leaves(&given, "", &mut keys);
        for key in keys {
            let Some(value) = get(&given, &key) else { continue };
            let value = match value.as_str() {
                // A file that is moved with what it names goes on naming it.
                Some(text) if PATHS.contains(&key.as_str()) => {
                    let folder = path.parent().unwrap_or(Path::new(""));
                    folder.join(text).to_string_lossy().into_owned().into()
                }
                _ => value.clone(),
            };
            put(&mut self.values, &key, value);
            self.sources.insert(key, Source::File(path.to_owned()));
        }
    }

    /// Takes the variables that are settings, and gives the names of those that only look so.
    fn environment(&mut self, environment: &[(OsString, OsString)]) -> Vec<String> {
        let keys: BTreeMap<String, String> =
            keys().into_iter().map(|key| (variable(&key), key)).collect();
        let filter = variable("log.filter");
        let is_set = |wanted: &str| environment.iter().any(|(name, _)| name == wanted);
        let mut unknown = Vec::new();
        for (name, value) in environment {
            let name = name.to_string_lossy().into_owned();
            let key = if name == RUST_LOG && !is_set(&filter) {
                Some("log.filter".to_owned())
            } else {
                keys.get(&name).cloned()
            };
            match (key, value.to_str()) {
                (Some(key), Some(text)) => {
                    let value = self.read(&key, text);
                    self.set(&key, value, Source::Environment(name));
                }
                (Some(_), None) => self.faults.push(format!("{name}: is no UTF-8")),
                (None, _) if name.starts_with(PREFIX) && name != FILE_VARIABLE => {
                    unknown.push(name);
                }
                (None, _) => {}
            }
        }
        unknown.sort();
        unknown
    }

    /// The text of a variable as a value of the kind that the setting has.
    fn read(&self, key: &str, text: &str) -> Value {
        let before = get(&self.values, key);
        let is_number = before.is_some_and(Value::is_integer);
        let value = if is_number {
            text.parse().ok().map(Value::Integer)
        } else if before.is_some_and(Value::is_bool) {
            text.parse().ok().map(Value::Boolean)
        } else if before.is_some_and(Value::is_array) {
            let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
            Some(Value::Array(items.map(|item| Value::String(item.to_owned())).collect()))
        } else {
            None
        };
        // What is no number stays a text, and is refused as such.
        value.unwrap_or_else(|| Value::String(text.to_owned()))
    }

    fn set(&mut self, key: &str, value: Value, source: Source) {
        let mut alone = Table::new();
        put(&mut alone, key, value.clone());
        match Settings::deserialize_alone(alone) {
            Ok(()) => {
                put(&mut self.values, key, value);
                self.sources.insert(key.to_owned(), source);
            }
            Err(reason) => self.faults.push(format!("{source}: {key}: {reason}")),
        }
    }
}

impl Settings {
    /// Whether a layer could be taken, if it were the only one.
    fn deserialize_alone(layer: Table) -> Result<(), String> {
        let read: Result<Self, toml::de::Error> = layer.try_into();
        read.map(drop).map_err(|error| error.message().trim_end().to_owned())
    }
}

/// The settings as TOML.
fn table(settings: &Settings) -> Table {
    // Keys are texts and every value has a form in TOML; a test holds that this is never empty.
    Table::try_from(settings).unwrap_or_default()
}

/// The keys of a table to the depth of one setting. A policy is one setting.
fn leaves(values: &Table, prefix: &str, keys: &mut Vec<String>) {
    for (name, value) in values {
        let key = format!("{prefix}{name}");
        if let Some(inner) = value.as_table().filter(|_| prefix.is_empty()) {
            leaves(inner, &format!("{key}."), keys);
        } else if !keys.contains(&key) {
            keys.push(key);
        }
    }
}

fn get<'t>(values: &'t Table, key: &str) -> Option<&'t Value> {
    match key.split_once('.') {
        Some((table, name)) => values.get(table)?.as_table()?.get(name),
        None => values.get(key),
    }
}

fn put(values: &mut Table, key: &str, value: Value) {
    let Some((table, name)) = key.split_once('.') else {
        values.insert(key.to_owned(), value);
        return;
    };
    let inner = values.entry(table).or_insert_with(|| Value::Table(Table::new()));
    if let Some(inner) = inner.as_table_mut() {
        inner.insert(name.to_owned(), value);
    }
}
