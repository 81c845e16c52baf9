//! Turns what WordPress keeps of a post into clean semantic HTML.
//!
//! The steps, in this order: programs are removed; `blocks` takes out block comments and renders the blocks that are
//! nothing without them; `shortcodes` renders or removes shortcodes; `paragraphs` gives classic text its paragraphs;
//! `tidy` unwraps layout, drops what is empty and finds the media. Shortcodes come before paragraphs, unlike in WordPress,
//! so that a gallery never ends up inside a paragraph. The result is not yet sanitised: that is the caller's last step.

mod addresses;
mod attributes;
mod blocks;
mod figures;
mod markup;
mod paragraphs;
mod players;
mod shortcodes;
mod tidy;
mod tree;

use std::collections::{BTreeMap, BTreeSet};

use self::addresses::Page;
use super::plain::{clean, plain};
use crate::records::MediaRecord;

/// Looks up what a body only names. The caller implements it over what the first reading of the file stored.
pub trait Library {
    /// The attachment with this id.
    fn attachment(&self, id: u64) -> Option<MediaRecord>;
    /// The attachments that were uploaded to a post, in their order.
    fn attached_to(&self, post: u64) -> Vec<MediaRecord>;
    /// The raw content of a reusable block (post type `wp_block`). Without it such blocks are dropped and counted.
    fn reusable_block(&self, _id: u64) -> Option<String> {
        None
    }
}

/// A body as the export has it.
#[derive(Debug, Clone, Copy, Default)]
pub struct BodySource<'a> {
    pub raw: &'a str,
    /// The post's id, whose attachments a bare `[gallery]` shows.
    pub post: u64,
    /// The post meta `footnotes`: JSON.
    pub footnotes: Option<&'a str>,
    /// Where it stood on the web.
    pub address: &'a str,
}

/// What couldn't be carried over.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Losses {
    /// Shortcodes removed, by name. What an enclosing one enclosed is kept.
    pub shortcodes: BTreeMap<String, u64>,
    /// Blocks dropped because only WordPress can fill them, by name.
    pub blocks: BTreeMap<String, u64>,
    /// Attachments that the body asks for and the library doesn't have.
    pub missing_media: BTreeSet<u64>,
}

/// A converted body.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Body {
    pub html: String,
    /// The attachments shown, in order of appearance, each once.
    pub media: Vec<u64>,
    pub losses: Losses,
}

/// Marks that the steps leave for each other. They are control characters, of which the reader lets none through.
mod marks {
    /// Everything in brackets up to [`FORCED_END`] is a shortcode.
    pub const FORCED: char = '\u{1}';
    pub const FORCED_END: char = '\u{2}';
    /// Up to [`CLASSIC_END`] blank lines part paragraphs.
    pub const CLASSIC: char = '\u{3}';
    pub const CLASSIC_END: char = '\u{4}';
    pub const ALL: [char; 4] = [FORCED, FORCED_END, CLASSIC, CLASSIC_END];
}

/// What the steps share.
struct Context<'a> {
    library: &'a dyn Library,
    post: u64,
    footnotes: Option<&'a str>,
    /// Whether what is made becomes plain text.
    is_plain: bool,
    losses: Losses,
}

impl Context<'_> {
    fn attachment(&mut self, id: u64) -> Option<MediaRecord> {
        let found = self.library.attachment(id);
        if found.is_none() {
            self.losses.missing_media.insert(id);
        }
        found
    }
}

/// Converts one body.
pub fn convert(source: BodySource<'_>, library: &dyn Library) -> Body {
    let BodySource { post, footnotes, .. } = source;
    let mut context = Context { library, post, footnotes, is_plain: false, losses: Losses::default() };
    let raw = markup::without_programs(&clean(source.raw));
    let html = blocks::render(&raw, &mut context);
    drop(raw);
    let html = shortcodes::render(&html, &mut context);
    let html = paragraphs::render(&html);
    let (html, media) = tidy::render(&html, Page::at(source.address));
    Body { html, media, losses: context.losses }
}

/// Text without shortcodes and block comments, for excerpts and captions: what WordPress would show there, plain.
pub fn plain_without_shortcodes(raw: &str) -> String {
    struct Nothing;
    impl Library for Nothing {
        fn attachment(&self, _id: u64) -> Option<MediaRecord> {
            None
        }
        fn attached_to(&self, _post: u64) -> Vec<MediaRecord> {
            Vec::new()
        }
    }
    if !raw.contains('[') {
        return plain(raw);
    }
    let losses = Losses::default();
    let mut context = Context { library: &Nothing, post: 0, footnotes: None, is_plain: true, losses };
    plain(&shortcodes::render(&clean(raw), &mut context))
}

#[cfg(test)]
mod tests;
