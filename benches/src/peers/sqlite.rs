//! The rule in `SQLite`, in process: one prepared statement a check, over records clustered by patient.

use std::path::Path;

use anyhow::ensure;
use rusqlite::{Connection, Row, Statement, params};

use crate::engine::Pair;
use crate::peers::meaning::{OPEN, Tables};
use crate::peers::past::{Kind, Pasts, patient_number, standings};
use crate::workload::{Check, LINES};

const SCHEMA: &str = "
    CREATE TABLE record (
        patient INTEGER, seq INTEGER, live INTEGER, refill INTEGER, prescription INTEGER,
        day INTEGER, end_literal INTEGER, end_expanded INTEGER, code INTEGER, always INTEGER,
        document TEXT, rp INTEGER, institution INTEGER, pharmacy INTEGER, quantity INTEGER,
        usage INTEGER, PRIMARY KEY (patient, seq)) WITHOUT ROWID;
    CREATE TABLE text (id INTEGER PRIMARY KEY, text TEXT);
    CREATE TABLE code (id INTEGER PRIMARY KEY, system TEXT, text TEXT, name TEXT);
    CREATE TABLE cover (code INTEGER, first INTEGER, last INTEGER);
    CREATE TABLE substance (code INTEGER, substance INTEGER);
    CREATE TABLE side (code INTEGER, rule INTEGER, side INTEGER, ingredient TEXT, washout INTEGER,
        first INTEGER, last INTEGER);";

/// Which codes share a substance (S17), and which are on two sides of a rule (S19): worked out once,
/// as the engine joins its tables when it opens them. `mine` is of the new line, `theirs` of the
/// record. Without statistics: with them the planner builds a Bloom filter for each check.
const JOINS: &str = "
    CREATE TABLE shares (line INTEGER, record INTEGER, PRIMARY KEY (line, record)) WITHOUT ROWID;
    INSERT INTO shares SELECT DISTINCT m.code, s.code
        FROM substance m JOIN substance s ON s.substance = m.substance;
    CREATE TABLE meets AS SELECT DISTINCT m.code AS line, s.code AS record, m.ingredient AS mine,
        s.ingredient AS theirs, s.washout, m.first, m.last
        FROM side m JOIN side s ON s.rule = m.rule AND s.side = 1 - m.side;
    CREATE INDEX meets_by_codes ON meets (line, record);
    CREATE INDEX code_by_text ON code (system, text);
    CREATE INDEX cover_by_code ON cover (code);
    CREATE INDEX text_by_text ON text (text);";

/// The database.
#[derive(Debug)]
pub struct Sqlite(Connection);

/// A collision with everything that an answer tells of its record.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Told {
    /// What collides.
    pub pair: Pair,
    /// The drug's name as written.
    pub name: String,
    /// The quantity as written.
    pub quantity: String,
    /// The usage code.
    pub usage: String,
    /// Who issued it.
    pub institution: String,
    /// Who dispensed it.
    pub pharmacy: String,
}

/// Which reading of the rule a statement has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// The official policy.
    Official,
    /// The extended policy, but for what lies inside a request.
    Extended,
}

impl Sqlite {
    /// Loads the tables and the past of all patients into a new file.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub fn load(path: &Path, tables: &Tables, pasts: &Pasts) -> anyhow::Result<Self> {
        let connection = Connection::open(path)?;
        connection.execute_batch(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE;
             PRAGMA cache_size = -4000000; PRAGMA mmap_size = 68719476736; PRAGMA temp_store = MEMORY;",
        )?;
        connection.execute_batch("BEGIN")?;
        connection.execute_batch(SCHEMA)?;
        let always = load_codes(&connection, tables, pasts)?;
        load_records(&connection, pasts, &always)?;
        connection.execute_batch("COMMIT")?;
        connection.execute_batch(JOINS)?;
        Ok(Self(connection))
    }

    /// The statements of a check.
    ///
    /// # Errors
    ///
    /// When the SQL is wrong.
    pub fn checker(&self, reading: Reading, today: i64) -> anyhow::Result<Checker<'_>> {
        Ok(Checker {
            line: self.0.prepare(
                "SELECT id FROM code WHERE system = ?1 AND text = ?2 AND EXISTS (SELECT 1 FROM cover
                 WHERE cover.code = code.id AND ?3 BETWEEN first AND last) LIMIT 1",
            )?,
            asker: self.0.prepare("SELECT id FROM text WHERE text = ?1")?,
            collisions: self.0.prepare(&collisions(reading))?,
            today,
        })
    }

    /// The connection, for whoever writes the same tables elsewhere.
    pub fn connection(&self) -> &Connection {
        &self.0
    }
}

/// Prepared statements, and the day of the check.
#[derive(Debug)]
pub struct Checker<'s> {
    line: Statement<'s>,
    asker: Statement<'s>,
    collisions: Statement<'s>,
    today: i64,
}

impl Checker<'_> {
    /// Asks one check and gives every pair with its evidence.
    ///
    /// # Errors
    ///
    /// When a check has more lines than a statement takes.
    pub fn check(&mut self, check: &Check) -> anyhow::Result<Vec<Told>> {
        let codes = self.codes(check)?;
        let [first, second, third, fourth] = codes;
        let (mut institution, mut pharmacy) = (None, None);
        if let Some(asker) = &check.asker {
            let mut rows = self.asker.query(params![asker.code])?;
            let known: Option<i64> = rows.next()?.map(|row| row.get(0)).transpose()?;
            *(if asker.pharmacy { &mut pharmacy } else { &mut institution }) = known;
        }
        let patient = patient_number(&check.patient);
        let asked =
            params![patient, self.today, first, second, third, fourth, institution, pharmacy];
        self.collisions.query_map(asked, told)?.map(|told| Ok(told?)).collect()
    }

    /// The ids of the codes of the lines that are checked.
    ///
    /// # Errors
    ///
    /// As [`Checker::check`].
    pub fn codes(&mut self, check: &Check) -> anyhow::Result<[Option<i64>; LINES]> {
        ensure!(check.lines.len() <= LINES, "a check of {} lines", check.lines.len());
        let mut codes = [None; LINES];
        for (code, line) in codes.iter_mut().zip(&check.lines) {
            if line.form != 6 {
                let mut rows = self.line.query(params![line.system, line.code, self.today])?;
                *code = rows.next()?.map(|row| row.get(0)).transpose()?;
            }
        }
        Ok(codes)
    }
}

fn told(row: &Row<'_>) -> rusqlite::Result<Told> {
    let ingredients: (Option<String>, Option<String>) = (row.get(1)?, row.get(2)?);
    let (line, end_day): (i64, i64) = (row.get(0)?, row.get(6)?);
    Ok(Told {
        pair: Pair {
            line: usize::try_from(line).unwrap_or(usize::MAX),
            ingredients: ingredients.0.zip(ingredients.1),
            washout: row.get(3)?,
            document: row.get(4)?,
            rp: row.get(5)?,
            end_day: i32::try_from(end_day).unwrap_or(i32::MAX),
        },
        name: row.get(7)?,
        quantity: row.get(8)?,
        usage: row.get(9)?,
        institution: row.get(10)?,
        pharmacy: row.get(11)?,
    })
}

/// The statement: ?1 patient, ?2 check day, ?3 to ?6 codes of the lines, ?7 and ?8 the asker.
///
/// The order of the joins is fixed (`CROSS JOIN`): the few records of one patient come first.
fn collisions(reading: Reading) -> String {
    let end = match reading {
        Reading::Official => "r.end_literal",
        Reading::Extended => "r.end_expanded",
    };
    // S10: an expired prescription has ended.
    let expired = match reading {
        Reading::Official => "",
        Reading::Extended => "AND NOT (r.prescription AND ?2 - r.day >= 4)",
    };
    let seen = "r.patient = ?1 AND r.live AND r.day <= ?2 AND (r.refill OR r.day >= ?2 - 100)
        AND (r.always OR EXISTS (SELECT 1 FROM cover
            WHERE cover.code = r.code AND r.day BETWEEN first AND last))";
    let active = format!(
        "{seen} AND {end} >= ?2 {expired}
         AND (?7 IS NULL OR r.institution <> ?7) AND (?8 IS NULL OR r.pharmacy <> ?8)"
    );
    let told = format!(
        "r.document, r.rp, {end},
         (SELECT name FROM code WHERE id = r.code), (SELECT text FROM text WHERE id = r.quantity),
         (SELECT text FROM text WHERE id = r.usage), (SELECT text FROM text WHERE id = r.institution),
         (SELECT text FROM text WHERE id = r.pharmacy), r.seq"
    );
    let meeting = "record r CROSS JOIN line l CROSS JOIN meets m
        ON m.line = l.code AND m.record = r.code AND ?2 BETWEEN m.first AND m.last";
    let mut sql = format!(
        "WITH line(n, code) AS (VALUES (0, ?3), (1, ?4), (2, ?5), (3, ?6))
         SELECT l.n, NULL, NULL, 0, {told} FROM record r CROSS JOIN line l
            CROSS JOIN shares ON shares.line = l.code AND shares.record = r.code WHERE {active}
         UNION ALL
         SELECT DISTINCT l.n, m.mine, m.theirs, 0, {told} FROM {meeting} WHERE {active}"
    );
    if reading == Reading::Extended {
        // S23. Whether the record is the asker's own does not matter there.
        let washed_out = format!(
            " UNION ALL SELECT DISTINCT l.n, m.mine, m.theirs, 1, {told} FROM {meeting}
              WHERE {seen} AND ?2 - {end} BETWEEN 1 AND m.washout"
        );
        sql.push_str(&washed_out);
    }
    sql
}

/// Writes what each code means; returns for each whether it is covered on every day.
fn load_codes(
    connection: &Connection,
    tables: &Tables,
    pasts: &Pasts,
) -> rusqlite::Result<Vec<bool>> {
    let mut code = connection.prepare("INSERT INTO code VALUES (?1, ?2, ?3, ?4)")?;
    let mut cover = connection.prepare("INSERT INTO cover VALUES (?1, ?2, ?3)")?;
    let mut substance = connection.prepare("INSERT INTO substance VALUES (?1, ?2)")?;
    let mut side = connection.prepare("INSERT INTO side VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")?;
    let mut text = connection.prepare("INSERT INTO text VALUES (?1, ?2)")?;
    let mut substances = std::collections::BTreeMap::new();
    let mut always = Vec::new();
    for ((system, written, name), id) in pasts.codes.values.iter().zip(0_u32..) {
        let meaning = tables.meaning(system, written);
        code.execute(params![id, system, written, name])?;
        for (first, last) in &meaning.covered {
            cover.execute(params![id, first, last])?;
        }
        for known in meaning.substances {
            let next = u32::try_from(substances.len()).unwrap_or(u32::MAX);
            let number = *substances.entry(known).or_insert(next);
            substance.execute(params![id, number])?;
        }
        for (number, which) in meaning.sides {
            let Some(rule) = tables.rules.get(number) else { continue };
            let Some(stated) = rule.sides.get(which) else { continue };
            let (first, last) = rule.valid;
            let ordinals = [number, which].map(|number| u32::try_from(number).unwrap_or(u32::MAX));
            let [number, which] = ordinals;
            side.execute(params![
                id,
                number,
                which,
                stated.ingredient,
                stated.washout,
                first,
                last
            ])?;
        }
        always.push(meaning.covered.contains(&OPEN));
    }
    for (written, id) in pasts.texts.values.iter().zip(0_u32..) {
        text.execute(params![id, written])?;
    }
    Ok(always)
}

fn load_records(connection: &Connection, pasts: &Pasts, always: &[bool]) -> rusqlite::Result<()> {
    let mut insert = connection.prepare(
        "INSERT INTO record VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16)",
    )?;
    for (patient, documents) in &pasts.patients {
        let mut seq = 0;
        for (document, standing) in documents.iter().zip(standings(documents)) {
            for line in &document.lines {
                seq += 1;
                insert.execute(params![
                    patient,
                    seq,
                    !standing.dead && !line.material,
                    standing.refill,
                    document.kind == Kind::Prescription,
                    document.day,
                    line.end_literal,
                    line.end_expanded,
                    line.code,
                    usize::try_from(line.code).ok().and_then(|code| always.get(code)),
                    document.id,
                    line.rp,
                    document.institution,
                    document.pharmacy,
                    line.quantity,
                    line.usage,
                ])?;
            }
        }
    }
    Ok(())
}
