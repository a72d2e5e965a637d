//! A world as an operator would have it: tables and history on disk, compiled and opened.

use std::path::PathBuf;
use std::sync::Arc;

use chofuku_engine::patient::IdentityKey;
use chofuku_engine::{Day, Index, generation};
use chofuku_loader::progress::Silent;
use chofuku_loader::{Compile, CompileError, Compiled};
use chofuku_server::{Live, Policies};
use chofuku_tests::World;
use serde_json::Value;
use tempfile::TempDir;

/// A compiled world. The directory goes when it does.
pub(crate) struct Site {
    directory: TempDir,
    pub(crate) index: Arc<Index>,
    pub(crate) live: Live,
    pub(crate) key: IdentityKey,
}

impl Site {
    /// Writes the canonical files of a world, compiles and opens them.
    pub(crate) fn of(world: &World) -> Self {
        let directory = in_memory().unwrap();
        let tables = directory.path().join("tables");
        std::fs::create_dir(&tables).unwrap();
        world.write(&tables).unwrap();
        let history = vec![tables.join("history.csv")];
        let data = directory.path().join("data");
        let compile = Compile { tables, history, data: data.clone(), ..Compile::default() };
        if let Err(error) = compile.run("2026-11-22T00:00:00Z", &Silent) {
            let rejects = std::fs::read_to_string(data.join(chofuku_loader::compile::REJECTS));
            panic!("the world does not compile: {error}\n{}", rejects.unwrap_or_default());
        }
        let (index, key) = generation::open_with_key(&data).unwrap();
        let index = Arc::new(index);
        Self { directory, live: Live::new(Arc::clone(&index)).unwrap(), index, key }
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.directory.path().join("data")
    }

    pub(crate) fn tables(&self) -> PathBuf {
        self.directory.path().join("tables")
    }

    /// Compiles tables and history again, which hold every event up to the one that is named.
    pub(crate) fn compile_all_again(
        &self,
        includes_event: Option<u64>,
    ) -> Result<Compiled, CompileError> {
        let tables = self.directory.path().join("tables");
        let history = vec![tables.join("history.csv")];
        let compile =
            Compile { tables, history, data: self.data(), includes_event, ..Compile::default() };
        compile.run("2026-11-22T00:00:00Z", &Silent)
    }

    /// Compiles the tables again, with the history in force, and publishes the next generation.
    pub(crate) fn compile_tables_again(&self) -> PathBuf {
        let (tables, data) = (self.directory.path().join("tables"), self.data());
        let compile = Compile { tables, data: data.clone(), ..Compile::default() };
        compile.run("2026-11-22T00:00:00Z", &Silent).unwrap();
        generation::current(&data).unwrap()
    }

    /// The whole answer of the engine, in the words of the interface.
    pub(crate) fn check(&self, request: &Value, policies: &Policies) -> Value {
        self.check_live(&self.live, request, policies)
    }

    /// The same of another live state of the site.
    pub(crate) fn check_live(&self, live: &Live, request: &Value, policies: &Policies) -> Value {
        answer(chofuku_server::check_json(
            live,
            &self.key,
            policies,
            Day::from_number(0),
            request.to_string().as_bytes(),
        ))
    }

    /// The whole answer to a history request.
    pub(crate) fn history(&self, request: &Value, policies: &Policies) -> Value {
        answer(chofuku_server::history_json(
            &self.live,
            &self.key,
            policies,
            Day::from_number(0),
            request.to_string().as_bytes(),
        ))
    }
}

fn answer(answer: Result<Vec<u8>, chofuku_server::ApiError>) -> Value {
    match answer {
        Ok(bytes) => serde_json::from_slice(&bytes).unwrap(),
        Err(error) => panic!("the request is refused: {error}"),
    }
}

/// A directory in memory where there is one: syncing thousands of small worlds to a disk tests the
/// disk.
pub(crate) fn in_memory() -> std::io::Result<TempDir> {
    let memory = std::path::Path::new("/dev/shm");
    if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }
}
