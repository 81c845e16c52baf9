//! Joins what is left when shortcodes are removed, so that the texts of two columns don't run together.
//!
//! Only where nothing but removed tags stood between two texts, and one ended before another started, does the second text
//! get a paragraph of its own. A word between the tags of one shortcode stays in its sentence.

/// Text, with a paragraph break where one shortcode ended and another started.
#[derive(Debug, Default)]
pub struct Stretches {
    text: String,
    seam: Seam,
}

/// Which removed tags stand after the last text.
#[derive(Debug, Default)]
enum Seam {
    /// None, or nothing that ended. The last start is kept: what ends right after it enclosed nothing.
    #[default]
    Closed,
    Started(usize),
    Ended,
    /// An end, and a start after it.
    Open,
}

impl Stretches {
    pub fn with_capacity(capacity: usize) -> Self {
        Self { text: String::with_capacity(capacity), seam: Seam::default() }
    }

    /// Notes that the start of the shortcode with this index was removed.
    pub fn start(&mut self, index: usize) {
        self.seam = match self.seam {
            Seam::Closed | Seam::Started(_) => Seam::Started(index),
            Seam::Ended | Seam::Open => Seam::Open,
        };
    }

    /// Notes that the end of the shortcode with this index was removed, or one of none.
    pub fn end(&mut self, index: Option<usize>) {
        self.seam = match self.seam {
            Seam::Started(started) if index == Some(started) => Seam::Closed,
            Seam::Open => Seam::Open,
            Seam::Closed | Seam::Started(_) | Seam::Ended => Seam::Ended,
        };
    }

    /// Adds text. What only closes an element belongs to the text before.
    pub fn push(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        if matches!(self.seam, Seam::Open) && !self.text.is_empty() && !text.starts_with("</") {
            self.text.push_str("\n\n");
        }
        self.text.push_str(text);
        self.seam = Seam::Closed;
    }

    pub fn into_text(self) -> String {
        self.text
    }
}
