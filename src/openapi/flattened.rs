//! What a record looks like inside a larger object. A record by itself takes no other members; where an object holds all of
//! a record's beside its own (`#[serde(flatten)]`), it says so with its own copy of them.

use utoipa::openapi::schema::{AdditionalProperties, Components, Object};
use utoipa::openapi::{OpenApi, RefOr, Schema};

const PREFIX: &str = "#/components/schemas/";

/// Opens the closed schemas that others are put together from.
pub fn open(document: &mut OpenApi) {
    let Some(components) = &mut document.components else { return };
    let names: Vec<String> = components.schemas.keys().cloned().collect();
    for name in names {
        if let Some(RefOr::T(Schema::AllOf(all))) = components.schemas.get(&name).cloned() {
            let items: Vec<_> = all.items.iter().map(|item| opened(components, item)).collect();
            let mut own = all;
            own.items = items;
            components.schemas.insert(name, RefOr::T(Schema::AllOf(own)));
        }
    }
}

fn opened(components: &Components, item: &RefOr<Schema>) -> RefOr<Schema> {
    let RefOr::Ref(reference) = item else { return item.clone() };
    let target = reference.ref_location.strip_prefix(PREFIX).and_then(|name| components.schemas.get(name));
    match target {
        Some(RefOr::T(Schema::Object(object))) if is_closed(object) => {
            let mut own = object.clone();
            own.additional_properties = None;
            RefOr::T(Schema::Object(own))
        }
        _ => item.clone(),
    }
}

fn is_closed(object: &Object) -> bool {
    matches!(object.additional_properties.as_deref(), Some(AdditionalProperties::FreeForm(false)))
}
