//! What an export consists of, as plain values. Names and titles are already plain text; bodies are still raw.

/// One thing read from an export, in file order; the site always comes first.
#[derive(Debug, Clone, PartialEq)]
pub enum Element {
    Site(Site),
    Author(Author),
    /// A category, a tag or a term of any other taxonomy.
    Term(Term),
    /// A post, page, attachment or anything else that WordPress keeps as a post.
    Item(Box<Item>),
}

/// The head of the channel.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Site {
    pub title: String,
    /// Of the blog, not of the network that it may be part of; without a slash at the end.
    pub base_url: String,
    /// As WordPress writes it, for example `ru-RU`.
    pub language: String,
    /// `1.0`, `1.1` or `1.2`.
    pub wxr_version: String,
}

/// A user who wrote something.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Author {
    pub login: String,
    pub display_name: String,
    pub bio: String,
}

/// A term of a taxonomy.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Term {
    /// `category`, `post_tag` or the name of a custom taxonomy.
    pub taxonomy: String,
    /// Still percent-encoded when it isn't Latin.
    pub slug: String,
    pub name: String,
    pub description: String,
    /// The slug of the term above it.
    pub parent: String,
}

/// A term as an item refers to it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ItemTerm {
    pub taxonomy: String,
    pub slug: String,
    pub name: String,
}

/// A row of `wp_posts`, with what hangs on it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Item {
    pub id: u64,
    pub post_type: String,
    pub status: String,
    /// Plain text; empty when the post has none.
    pub title: String,
    pub name: String,
    pub guid: String,
    /// Its page.
    pub link: String,
    pub creator: String,
    pub password: String,
    /// The post that an attachment was uploaded to; 0 for none.
    pub parent: u64,
    /// RFC 2822.
    pub pub_date: String,
    pub date: String,
    pub date_gmt: String,
    pub modified_gmt: String,
    /// Raw: HTML, shortcodes and block comments.
    pub content: String,
    /// Raw, as `content`.
    pub excerpt: String,
    pub attachment_url: String,
    pub terms: Vec<ItemTerm>,
    /// Only the keys that an import can use.
    pub meta: Vec<(String, String)>,
    /// The names of other keys that hold what its author or a page builder wrote.
    pub left_out: Vec<String>,
    /// How many comments it has; they have no place here.
    pub comments: u64,
}

impl Item {
    /// The first non-empty value of a meta key.
    pub fn meta<'a>(&'a self, key: &'a str) -> Option<&'a str> {
        self.meta_all(key).find(|value| !value.is_empty())
    }

    /// Every value of a meta key, in file order.
    pub fn meta_all<'a>(&'a self, key: &'a str) -> impl Iterator<Item = &'a str> {
        self.meta.iter().filter(move |(name, _)| name == key).map(|(_, value)| value.as_str())
    }
}
