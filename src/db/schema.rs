//! The tables as diesel sees them, the same for both databases. A test compares it with what the migrations make.

/// Column types that diesel has no name for.
pub mod sql_types {
    use diesel::query_builder::QueryId;
    use diesel::sql_types::SqlType;

    /// TEXT on PostgreSQL, BLOB on SQLite.
    #[derive(Debug, Clone, Copy, Default, QueryId, SqlType)]
    #[diesel(postgres_type(oid = 25, array_oid = 1009), sqlite_type(name = "Binary"))]
    pub struct LongText;
}

diesel::table! {
    settings (name) {
        name -> Text,
        value -> Text,
    }
}

diesel::table! {
    media (id) {
        id -> BigInt,
        guid -> Text,
        url -> Text,
        alt -> Text,
        caption -> Text,
        credit -> Text,
        width -> Nullable<BigInt>,
        height -> Nullable<BigInt>,
        mime_type -> Nullable<Text>,
        rights -> Nullable<Text>,
        renditions -> Text,
        created_at -> BigInt,
        modified_at -> BigInt,
    }
}

diesel::table! {
    articles (id) {
        id -> BigInt,
        guid -> Text,
        slug -> Text,
        kind -> Text,
        lang -> Text,
        translation_group -> Nullable<Text>,
        status -> Text,
        public -> Bool,
        embargoed -> Bool,
        was_public -> Bool,
        title -> Text,
        title_key -> Text,
        standfirst -> Nullable<Text>,
        opening -> Text,
        word_count -> BigInt,
        hero_id -> Nullable<BigInt>,
        canonical_url -> Nullable<Text>,
        rights -> Nullable<Text>,
        published_at -> Nullable<BigInt>,
        published_year -> Nullable<BigInt>,
        first_published_at -> Nullable<BigInt>,
        embargo_until -> Nullable<BigInt>,
        expires_at -> Nullable<BigInt>,
        next_transition_at -> Nullable<BigInt>,
        killed_at -> Nullable<BigInt>,
        kill_reason -> Nullable<Text>,
        replaced_by -> Nullable<Text>,
        created_at -> BigInt,
        updated_at -> BigInt,
        modified_at -> BigInt,
        version -> BigInt,
        digest -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Text};
    use super::sql_types::LongText;

    article_bodies (article_id) {
        article_id -> BigInt,
        source -> Text,
        source_format -> Text,
        html -> LongText,
        sanitiser_version -> BigInt,
    }
}

diesel::table! {
    article_cards (article_id) {
        article_id -> BigInt,
        made_at -> BigInt,
        head -> Text,
        tail -> Text,
        rest -> Text,
        keys -> Text,
        translations -> Text,
        lead -> Nullable<Text>,
        lead_version -> Nullable<BigInt>,
    }
}

diesel::table! {
    article_totals (kind, lang) {
        kind -> Text,
        lang -> Text,
        article_count -> BigInt,
    }
}

diesel::table! {
    list_spans (list, span) {
        list -> Text,
        span -> BigInt,
        article_count -> BigInt,
    }
}

diesel::table! {
    corrections (id) {
        id -> BigInt,
        article_id -> BigInt,
        corrected_at -> BigInt,
        text -> Text,
    }
}

diesel::table! {
    authors (id) {
        id -> BigInt,
        slug -> Text,
        name -> Text,
        name_key -> Text,
        bio -> Text,
        article_count -> BigInt,
        created_at -> BigInt,
        modified_at -> BigInt,
        audience -> BigInt,
    }
}

diesel::table! {
    article_authors (article_id, author_id) {
        article_id -> BigInt,
        author_id -> BigInt,
        position -> BigInt,
        listed -> Bool,
        published_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    tags (id) {
        id -> BigInt,
        slug -> Text,
        name -> Text,
        name_key -> Text,
        kind -> Text,
        description -> Text,
        merged_into -> Nullable<BigInt>,
        article_count -> BigInt,
        created_at -> BigInt,
        modified_at -> BigInt,
        audience -> BigInt,
    }
}

diesel::table! {
    article_tags (article_id, tag_id) {
        article_id -> BigInt,
        tag_id -> BigInt,
        position -> BigInt,
        listed -> Bool,
        published_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    article_media (article_id, media_id) {
        article_id -> BigInt,
        media_id -> BigInt,
        position -> BigInt,
    }
}

diesel::table! {
    redirects (id) {
        id -> BigInt,
        #[sql_name = "type"]
        type_ -> Text,
        from_slug -> Text,
        article_id -> Nullable<BigInt>,
        tag_id -> Nullable<BigInt>,
        created_at -> BigInt,
        author_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    changes (seq) {
        seq -> BigInt,
        op -> Text,
        #[sql_name = "type"]
        type_ -> Text,
        entity_id -> BigInt,
        slug -> Text,
        version -> BigInt,
        modified_at -> BigInt,
        reason -> Text,
        replaced_by -> Nullable<Text>,
        audience -> BigInt,
        known_to -> BigInt,
        concerns -> BigInt,
        lists -> Text,
    }
}

diesel::table! {
    keys (id) {
        id -> BigInt,
        name -> Text,
        hint -> Text,
        digest -> Text,
        scopes -> Text,
        created_at -> BigInt,
        expires_at -> Nullable<BigInt>,
        revoked_at -> Nullable<BigInt>,
        last_used_at -> Nullable<BigInt>,
        replaces -> Nullable<BigInt>,
    }
}

diesel::table! {
    audit (id) {
        id -> BigInt,
        at -> BigInt,
        key_id -> Nullable<BigInt>,
        key_name -> Text,
        action -> Text,
        #[sql_name = "type"]
        type_ -> Text,
        entity_id -> BigInt,
        slug -> Text,
        version -> BigInt,
        request_id -> Text,
    }
}

diesel::table! {
    idempotent_answers (key_id, idempotency_key) {
        key_id -> BigInt,
        idempotency_key -> Text,
        request_digest -> Text,
        answer -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    revisions (id) {
        id -> BigInt,
        article_id -> BigInt,
        version -> BigInt,
        at -> BigInt,
        key_id -> Nullable<BigInt>,
        key_name -> Text,
        action -> Text,
        record -> Text,
    }
}

diesel::table! {
    publications (id) {
        id -> BigInt,
        feed -> Text,
        effective_date -> Text,
        valid_days -> BigInt,
        url -> Nullable<Text>,
        payload_hash -> Text,
        fetched_at -> BigInt,
        redistributable -> Bool,
        sample -> Bool,
    }
}

diesel::table! {
    quotes (id) {
        id -> BigInt,
        publication_id -> BigInt,
        source -> Text,
        base -> Text,
        quote -> Text,
        digits -> Text,
        nominal -> BigInt,
        effective_at -> BigInt,
        fetched_at -> BigInt,
        accepted_at -> Nullable<BigInt>,
        held_reason -> Nullable<Text>,
    }
}

diesel::table! {
    feeds (name) {
        name -> Text,
        next_poll_at -> BigInt,
        failures -> BigInt,
        etag -> Nullable<Text>,
        checked_at -> Nullable<BigInt>,
        succeeded_at -> Nullable<BigInt>,
        failed_at -> Nullable<BigInt>,
        error_code -> Nullable<Text>,
        error -> Nullable<Text>,
    }
}

diesel::joinable!(articles -> media (hero_id));
diesel::joinable!(article_bodies -> articles (article_id));
diesel::joinable!(article_cards -> articles (article_id));
diesel::joinable!(corrections -> articles (article_id));
diesel::joinable!(article_authors -> articles (article_id));
diesel::joinable!(article_authors -> authors (author_id));
diesel::joinable!(article_tags -> articles (article_id));
diesel::joinable!(article_tags -> tags (tag_id));
diesel::joinable!(article_media -> articles (article_id));
diesel::joinable!(article_media -> media (media_id));
diesel::joinable!(redirects -> articles (article_id));
diesel::joinable!(redirects -> tags (tag_id));
diesel::joinable!(redirects -> authors (author_id));
diesel::joinable!(revisions -> articles (article_id));
diesel::joinable!(quotes -> publications (publication_id));

diesel::allow_tables_to_appear_in_same_query!(
    articles,
    article_bodies,
    article_cards,
    article_totals,
    list_spans,
    article_authors,
    article_tags,
    article_media,
    authors,
    tags,
    media,
    corrections,
    redirects,
    changes,
    keys,
    audit,
    idempotent_answers,
    revisions,
    settings,
    publications,
    quotes,
    feeds,
);
