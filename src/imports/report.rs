//! What an import did, for the person who ran it.

use std::collections::BTreeMap;
use std::fmt;

/// A record that was not stored, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Where it stands: `line 12`, or `item 7 (post 3071)`.
    pub place: String,
    pub reason: String,
}

/// Counts and faults of an import.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    pub created: u64,
    pub updated: u64,
    pub unchanged: u64,
    /// Not stored although nothing is wrong, by reason.
    pub skipped: BTreeMap<String, u64>,
    pub faults: Vec<Fault>,
}

impl Report {
    /// Counts a skipped record.
    pub fn skip(&mut self, reason: impl Into<String>) {
        *self.skipped.entry(reason.into()).or_default() += 1;
    }

    /// Notes a record that could not be stored.
    pub fn fault(&mut self, place: impl Into<String>, reason: impl Into<String>) {
        self.faults.push(Fault { place: place.into(), reason: reason.into() });
    }

    /// Adds what another report counted.
    pub fn absorb(&mut self, other: Self) {
        let Self { created, updated, unchanged, skipped, faults } = other;
        self.created += created;
        self.updated += updated;
        self.unchanged += unchanged;
        for (reason, count) in skipped {
            *self.skipped.entry(reason).or_default() += count;
        }
        self.faults.extend(faults);
    }

    /// Records that changed something.
    pub fn changes(&self) -> u64 {
        self.created + self.updated
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { created, updated, unchanged, skipped, faults } = self;
        for fault in faults {
            writeln!(f, "{}: {}", fault.place, fault.reason)?;
        }
        for (reason, count) in skipped {
            writeln!(f, "skipped {count}: {reason}")?;
        }
        let skipped: u64 = skipped.values().sum();
        write!(
            f,
            "{} changes: {created} created, {updated} updated; {unchanged} unchanged, {skipped} skipped, {} refused",
            self.changes(),
            faults.len()
        )
    }
}
