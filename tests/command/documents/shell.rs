//! As much of a shell as the documents use: `chofuku`, `curl`, variables before a command, and `>`.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::{LazyLock, Mutex};
use std::time::Duration;

use tempfile::TempDir;

/// Where every server listens in the documents.
const ADDRESS: &str = "127.0.0.1:8080";

/// What a server logs.
const LOG: &str = "serve.log";

/// A folder in which commands are run, and the servers that they started.
pub(crate) struct Shell {
    folder: TempDir,
    servers: Vec<Child>,
    address: Option<String>,
}

/// The words of a command line; none if a quote is open.
pub(crate) fn words(command: &str) -> Option<Vec<String>> {
    shlex::split(&command.replace("\\\n", " "))
}

/// What the command prints on both outputs, asked for once.
pub(crate) fn chofuku(words: &[&str]) -> String {
    static KNOWN: LazyLock<Mutex<BTreeMap<String, String>>> = LazyLock::new(Mutex::default);
    let mut known = KNOWN.lock().unwrap();
    let told = known.entry(words.join(" ")).or_insert_with(|| {
        let output = Command::new(env!("CARGO_BIN_EXE_chofuku")).args(words).output().unwrap();
        String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
    });
    told.clone()
}

impl Shell {
    pub(crate) fn new() -> Self {
        Self::at(tempfile::tempdir().unwrap())
    }

    /// A shell in a folder that has something in it.
    pub(crate) fn at(folder: TempDir) -> Self {
        Self { folder, servers: Vec::new(), address: None }
    }

    pub(crate) fn file(&self, name: &str) -> String {
        fs::read_to_string(self.folder.path().join(name)).unwrap()
    }

    /// Runs a command line and gives what it prints on standard output.
    pub(crate) fn run(&mut self, command: &str) -> Result<String, String> {
        let mut words = words(command).ok_or("a quote is open")?;
        let to = match words.iter().position(|word| word == ">") {
            Some(at) => words.split_off(at).get(1).cloned(),
            None => None,
        };
        let variables = words.iter().take_while(|word| word.split_once('=').is_some()).count();
        let behind = words.split_off(variables);
        let variables: Vec<(&str, &str)> =
            words.iter().filter_map(|word| word.split_once('=')).collect();
        let printed = match behind.split_first() {
            Some((program, words)) if program == "chofuku" => self.chofuku(&variables, words)?,
            Some((program, words)) if program == "curl" => self.curl(words)?,
            _ => return Err("neither chofuku nor curl".to_owned()),
        };
        let Some(to) = to else { return Ok(printed) };
        fs::write(self.folder.path().join(to), printed).map_err(|error| error.to_string())?;
        Ok(String::new())
    }

    fn chofuku(&mut self, variables: &[(&str, &str)], words: &[String]) -> Result<String, String> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_chofuku"));
        command.envs(variables.iter().copied()).current_dir(self.folder.path());
        if words.first().is_some_and(|word| word == "serve") {
            return self.serve(command, words);
        }
        let output = command.args(words).output().map_err(|error| error.to_string())?;
        let printed = String::from_utf8_lossy(&output.stdout).into_owned();
        // A check that finds what it should says so by its exit code.
        let is_check = words.first().is_some_and(|word| word == "check");
        match output.status.code() {
            Some(0) => Ok(printed),
            Some(3) if is_check => Ok(printed),
            code => {
                let errors = String::from_utf8_lossy(&output.stderr);
                Err(format!("exit code {code:?}\n{printed}{errors}"))
            }
        }
    }

    /// Starts a server on a free port, and gives the line with which it says that it answers, with the
    /// address that the documents have.
    fn serve(&mut self, mut command: Command, words: &[String]) -> Result<String, String> {
        let is_free = |word: &&String| word.as_str() != ADDRESS && word.as_str() != "--listen";
        command.args(words.iter().filter(is_free)).args(["--listen", "127.0.0.1:0"]);
        let log =
            fs::File::create(self.folder.path().join(LOG)).map_err(|error| error.to_string())?;
        command.stdout(Stdio::piped()).stderr(log);
        let mut child = command.spawn().map_err(|error| error.to_string())?;
        let output = child.stdout.take();
        self.servers.push(child);
        let mut line = String::new();
        let mut output = BufReader::new(output.ok_or("no output")?);
        output.read_line(&mut line).map_err(|error| error.to_string())?;
        let (_, address) = line.trim().split_once("http://").ok_or("the server does not start")?;
        let address = address.to_owned();
        let told = line.replace(&address, ADDRESS);
        self.address = Some(address);
        Ok(told)
    }

    /// Starts a demo that goes on, and gives all that it says until it waits.
    pub(crate) fn demo(&mut self) -> String {
        let mut command = Command::new(env!("CARGO_BIN_EXE_chofuku"));
        command.args(["demo", "--patients", "20", "--listen", "127.0.0.1:0"]);
        command.current_dir(self.folder.path()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let output = child.stdout.take();
        self.servers.push(child);
        let mut told = String::new();
        for line in BufReader::new(output.unwrap()).lines() {
            told.push_str(&line.unwrap());
            told.push('\n');
            if told.contains("Ctrl-C stops") {
                break;
            }
        }
        let console = told.split_whitespace().find_map(|word| word.strip_prefix("http://"));
        self.address = console.map(|address| address.trim_end_matches('/').to_owned());
        told
    }

    /// As much of `curl` as a reader needs: `-s`, `-X`, `-H`, `--data-binary @FILE`, an address.
    fn curl(&self, words: &[String]) -> Result<String, String> {
        let (mut path, mut body, mut headers, mut is_post) = (None, None, Vec::new(), false);
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let mut value = || words.next().cloned().ok_or(format!("{word} has no value"));
            match word.as_str() {
                "-s" => {}
                "-X" => is_post = value()? == "POST",
                "-H" => headers.push(value()?),
                "--data-binary" => {
                    let name = value()?;
                    body = Some(self.file(name.strip_prefix('@').ok_or("write @FILE")?));
                }
                _ => {
                    let address =
                        word.strip_prefix("http://").and_then(|rest| rest.strip_prefix(ADDRESS));
                    path = Some(address.ok_or(format!("{word}: not of this server"))?.to_owned());
                }
            }
        }
        if is_post && body.is_none() {
            body = Some(String::new());
        }
        let (status, answer) = self.http(&path.ok_or("no address")?, body.as_deref(), &headers)?;
        if status == 200 { Ok(answer + "\n") } else { Err(format!("{status}: {answer}")) }
    }

    /// Sends a request to the server that was started last.
    pub(crate) fn http(
        &self,
        path: &str,
        body: Option<&str>,
        headers: &[String],
    ) -> Result<(u16, String), String> {
        let failed = |error: std::io::Error| error.to_string();
        let address = self.address.as_ref().ok_or("no server was started")?;
        let mut stream = TcpStream::connect(address).map_err(failed)?;
        stream.set_read_timeout(Some(Duration::from_mins(1))).map_err(failed)?;
        let mut head = format!(
            "{} {} HTTP/1.1\r\nhost: test\r\nconnection: close\r\n",
            if body.is_some() { "POST" } else { "GET" },
            encoded(path)
        );
        if let Some(body) = body {
            head.push_str(&format!("content-length: {}\r\n", body.len()));
            if headers.is_empty() && !body.is_empty() {
                head.push_str("content-type: application/json\r\n");
            }
        }
        for header in headers {
            head.push_str(&format!("{header}\r\n"));
        }
        let request = format!("{head}\r\n{}", body.unwrap_or_default());
        stream.write_all(request.as_bytes()).map_err(failed)?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).map_err(failed)?;
        let (head, body) = answer.split_once("\r\n\r\n").ok_or("the answer was cut")?;
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
        Ok((status.ok_or("no status")?, body.to_owned()))
    }

    /// Stops the servers as an operator does, and gives what the last one logged.
    pub(crate) fn stop_and_read_log(&mut self) -> String {
        for mut server in self.servers.drain(..) {
            let mut kill = Command::new("kill");
            assert!(kill.args(["-TERM", &server.id().to_string()]).status().unwrap().success());
            assert!(server.wait().unwrap().success());
        }
        self.file(LOG)
    }

    pub(crate) fn stop_servers(&mut self) {
        for mut server in self.servers.drain(..) {
            let ended = server.kill().and_then(|()| server.wait());
            assert!(ended.is_ok() || std::thread::panicking(), "{ended:?}");
        }
        self.address = None;
    }
}

impl Drop for Shell {
    /// Also where a test fails: no server outlives it.
    fn drop(&mut self) {
        self.stop_servers();
    }
}

/// A path as it goes over the wire: what is no ASCII is encoded, as curl users' terminals do not.
fn encoded(path: &str) -> String {
    let mut text = String::new();
    for byte in path.bytes() {
        if byte.is_ascii_graphic() {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    text
}
