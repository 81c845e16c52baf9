//! What both servers hold: the sample content and records that are hard to sort, find or write; and the words that
//! requests can be made of, as the server itself shows them.

use serde_json::{Value, json};
use xabar::access::Scope;

use super::rates;
use crate::support::{ArticleBuilder, TestApp, article};

/// After the last date of the sample content.
const NOW: &str = "2026-11-23T12:00:00Z";
const TITLES: [&str; 16] = [
    "",
    "...",
    "Same title",
    "same TITLE",
    "Šämé tïtłe",
    "Қазақстан мен Өзбекстан",
    "Oʻzbekiston temir yoʻli",
    "O'zbekiston temir yo'li",
    "İstanbul ISTANBUL ıstanbul",
    "Straße STRASSE",
    "🚢🚆 emoji 👩‍👩‍👧‍👦 🇰🇿",
    "日本語の見出し 中文标题",
    "العربية עברית",
    "e\u{301}cole école ﬁne ½ ǅ",
    "100% _under_ \\back\\ \"quoted\" 'single' <b>&amp;</b>",
    "C++ AND OR NOT NEAR(a b) title:ferry x* -y",
];

/// Fills a server; the same for each.
pub fn fill(app: &TestApp) {
    app.set_time(NOW);
    let report = xabar::demo::fill(&app.db, &app.clock).expect("the import runs").expect("the database was empty");
    assert_eq!(report.faults, [], "{report}");
    let records: Vec<String> = nasty().map(|record| record.line()).chain(others()).collect();
    let report = app.import(&records.join("\n"));
    assert_eq!(report.faults, [], "{report}");
    rates::fill(app);
    app.set_time(NOW);
}

fn nasty() -> impl Iterator<Item = ArticleBuilder> {
    let word = "ы".repeat(400);
    let titled = TITLES.into_iter().enumerate().map(move |(number, title)| {
        article(&format!("n-{number}"))
            .with("title", title)
            .with("lang", ["en", "ru", "kk", "uz-Cyrl"][number % 4])
            .with("kind", ["news", "opinion", "photo"][number % 3])
            .with("standfirst", TITLES[(number + 5) % TITLES.len()])
            .with(
                "body",
                format!("<p>{title} ferry \u{a0}паром {word}</p><p>{} &amp; more</p>", TITLES[(number + 1) % 16]),
            )
            .with("former_slugs", json!([format!("прежний-{number}")]))
            .with("translation_group", format!("group {}", number % 5))
            .tags(&["казахстан", &"ж".repeat(200)])
            .author("айгүл")
    });
    // Public in part, or no more.
    let states = [
        json!({"status": "draft"}),
        json!({"status": "withdrawn"}),
        json!({"status": "killed", "kill": {"at": "2026-10-01T00:00:00Z", "reason": "Не так", "replaced_by": "n-2"}}),
        json!({"embargo_until": "2027-01-01T00:00:00Z"}),
        json!({"expires_at": "2026-11-23T12:10:00Z"}),
        json!({"status": "scheduled", "published_at": "2026-11-23T12:01:00Z"}),
        json!({"published_at": "0001-01-01T00:00:00Z"}),
        json!({"published_at": "2026-11-23T12:00:00Z", "updated_at": "2026-11-23T11:59:59.999999Z"}),
        json!({"kind": "page"}),
        json!({"body": ""}),
    ];
    let states = states.into_iter().enumerate().map(|(number, state)| {
        let members = state.as_object().expect("an object").clone();
        let story = article(&format!("әртүрлі-{number}")).tags(&["казахстан"]).author("айгүл");
        members.into_iter().fold(story, |story, (member, value)| story.with(&member, value))
    });
    titled.chain(states)
}

fn others() -> impl Iterator<Item = String> {
    [
        json!({"type": "tag", "slug": "казахстан", "name": "Казахстан", "kind": "country", "aliases": ["қазақ-елі", "kz"]}),
        json!({"type": "tag", "slug": "unused", "name": "%_\\ unused"}),
        json!({"type": "tag", "slug": "unused-2", "name": "%_\\ Unused"}),
        json!({"type": "author", "slug": "айгүл", "name": "Айгүл Ömer", "bio": "🚢\nTwo lines."}),
        json!({"type": "author", "slug": "silent", "name": "айгүл omer"}),
        json!({"type": "media", "url": "https://example.org/й.jpg", "alt": "Ферри 🚢", "width": 1, "height": 1_000_000}),
    ]
    .into_iter()
    .map(|record| record.to_string())
}

/// What values are made of.
#[derive(Debug, Default)]
pub struct Vocabulary {
    pub ids: Vec<String>,
    pub slugs: Vec<String>,
    pub tags: Vec<String>,
    pub authors: Vec<String>,
    pub langs: Vec<String>,
    pub words: Vec<String>,
    pub instants: Vec<String>,
    pub media: Vec<String>,
    /// Tokens of previews, good on every server with this secret and content.
    pub previews: Vec<String>,
}

impl Vocabulary {
    /// Reads all lists of a server.
    pub fn of(app: &TestApp) -> Self {
        let mut it = Self::default();
        let key = app.key(&[Scope::ContentRead]);
        for id in 1..=8 {
            let link = app.post(&format!("/v1/manage/articles/{id}/preview"), &key, &json!({})).json();
            it.previews.extend(text(&link["token"]));
        }
        for list in ["/v1/articles?limit=100&excerpt_words=20&cursor=*", "/v1/articles?kind=page&cursor=*"] {
            each(app, list, |story| it.learn_from(story));
        }
        each(app, "/v1/tags?limit=100&cursor=*", |tag| {
            it.tags.extend(text(&tag["slug"]));
            it.tags.extend(tag["aliases"].as_array().into_iter().flatten().flat_map(text));
            it.words.extend(text(&tag["name"]));
        });
        each(app, "/v1/authors?limit=100&cursor=*", |author| {
            it.authors.extend(text(&author["slug"]));
            it.words.extend(text(&author["name"]));
        });
        each(app, "/v1/redirects?limit=100&cursor=*", |redirect| it.slugs.extend(text(&redirect["from"])));
        // What the lists don't show, often enough to be asked for.
        it.slugs.extend((0..50).map(|number| format!("әртүрлі-{}", number % 10)));
        it.slugs.extend(std::iter::repeat_n("әртүрлі-2".to_owned(), 20));
        for list in [&mut it.langs, &mut it.words, &mut it.instants, &mut it.media] {
            list.sort();
            list.dedup();
        }
        it
    }

    fn learn_from(&mut self, story: &Value) {
        self.ids.push(story["id"].to_string());
        self.slugs.extend(text(&story["slug"]));
        self.langs.extend(text(&story["lang"]));
        self.instants.extend(["published_at", "updated_at"].iter().flat_map(|member| text(&story[*member])));
        self.media.extend(story["hero"].get("id").map(Value::to_string));
        for member in ["title", "standfirst", "excerpt"] {
            let text = story[member].as_str().unwrap_or_default();
            self.words.extend(text.split_whitespace().map(str::to_owned));
        }
    }
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

fn each(app: &TestApp, list: &str, mut learn: impl FnMut(&Value)) {
    let mut link = Some(list.to_owned());
    while let Some(here) = link {
        let json = app.get(&here).json();
        json["data"].as_array().expect("a list has data").iter().for_each(&mut learn);
        link = text(&json["links"]["next"]);
    }
}
