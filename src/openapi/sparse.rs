//! What `fields` does to the document: where an operation has it, an answer may hold the members named there alone.
//!
//! The whole object stays as it is, with all that is required of it, for readers who send no `fields`; beside it stands
//! a `Sparse` one of which nothing is required.

use utoipa::openapi::path::Parameter;
use utoipa::openapi::schema::{AnyOfBuilder, ArrayItems, Components, Object};
use utoipa::openapi::{Content, OpenApi, Ref, RefOr, Schema};

/// What can be sparse.
const NAMES: [&str; 6] = ["ArticleCard", "ArticleDetail", "ArticleExtras", "ArticleNeighbours", "Tag", "Author"];
const PREFIX: &str = "#/components/schemas/";

/// Adds the sparse schemas, and names them wherever an operation with `fields` shows the whole ones.
pub fn add(document: &mut OpenApi) {
    if let Some(components) = &mut document.components {
        NAMES.iter().for_each(|name| add_sparse(components, name));
        for (_, list) in components.schemas.iter_mut().filter(|(name, _)| name.ends_with("List")) {
            if let RefOr::T(Schema::Object(Object { properties, .. })) = list
                && let Some(RefOr::T(Schema::Array(data))) = properties.get_mut("data")
                && let ArrayItems::RefOrSchema(item) = &mut data.items
            {
                allow_sparse(item);
            }
        }
    }
    for operation in document.paths.paths.values_mut().filter_map(|item| item.get.as_mut()) {
        let is_fields = |parameter: &RefOr<Parameter>| matches!(parameter, RefOr::T(it) if it.name == "fields");
        let has_fields = operation.parameters.iter().flatten().any(is_fields);
        if let (true, Some(RefOr::T(ok))) = (has_fields, operation.responses.responses.get_mut("200")) {
            ok.content.values_mut().filter_map(schema_of).for_each(allow_sparse);
        }
    }
}

fn schema_of(content: &mut RefOr<Content>) -> Option<&mut RefOr<Schema>> {
    match content {
        RefOr::T(content) => content.schema.as_mut(),
        RefOr::Ref(_) => None,
    }
}

fn add_sparse(components: &mut Components, name: &str) {
    if let Some(RefOr::T(whole)) = components.schemas.get(name) {
        let mut sparse = whole.clone();
        require_nothing(&mut sparse);
        components.schemas.insert(format!("Sparse{name}"), RefOr::T(sparse));
    }
}

fn require_nothing(schema: &mut Schema) {
    match schema {
        Schema::Object(object) => {
            object.required.clear();
            object.description = Some("With `fields`: the members that are named there.".to_owned());
        }
        Schema::AllOf(parts) => {
            for part in &mut parts.items {
                match part {
                    RefOr::T(part) => require_nothing(part),
                    RefOr::Ref(whole) => *part = RefOr::Ref(sparse(whole)),
                }
            }
        }
        _ => {}
    }
}

fn allow_sparse(shown: &mut RefOr<Schema>) {
    if let RefOr::Ref(whole) = shown
        && whole.ref_location.strip_prefix(PREFIX).is_some_and(|name| NAMES.contains(&name))
    {
        let either = AnyOfBuilder::new().item(whole.clone()).item(sparse(whole));
        *shown = RefOr::T(Schema::AnyOf(either.build()));
    }
}

fn sparse(whole: &Ref) -> Ref {
    Ref::new(whole.ref_location.replace(PREFIX, &format!("{PREFIX}Sparse")))
}
