//! The operations as the OpenAPI document describes them.

use serde_json::Value;

/// A GET operation.
#[derive(Debug)]
pub struct Operation {
    /// `/v1/tags/{slug}`.
    pub path: String,
    pub parameters: Vec<Parameter>,
}

/// A parameter, of the path or of the query.
#[derive(Debug)]
pub struct Parameter {
    pub name: String,
    pub in_path: bool,
    pub required: bool,
    pub schema: Value,
    pub example: Option<String>,
}

impl Operation {
    /// Those of the query.
    pub fn query(&self) -> Vec<&Parameter> {
        self.parameters.iter().filter(|parameter| !parameter.in_path).collect()
    }

    /// Whether it is a list, and so has links to follow.
    pub fn is_list(&self) -> bool {
        self.parameters.iter().any(|parameter| parameter.name == "cursor")
    }
}

/// Every public operation of the served document, but for streams, whose answers have no end to be compared at.
pub fn operations() -> Vec<Operation> {
    let document = serde_json::to_value(xabar::openapi::document()).expect("the document is JSON");
    let paths = document["paths"].as_object().expect("paths");
    let operation = |(path, item): (&String, &Value)| {
        let methods: Vec<&String> = item.as_object().expect("an item").keys().collect();
        assert_eq!(methods, ["get"], "{path}: say here how another method is to be tested");
        let parameters = item["get"]["parameters"].as_array().into_iter().flatten().map(parameter).collect();
        Operation { path: path.clone(), parameters }
    };
    let streams = |item: &Value| item["get"]["responses"]["200"]["content"].get("text/event-stream").is_some();
    // What needs a key also writes, and is tested on both databases by itself.
    let public = paths.iter().filter(|(path, _)| !path.starts_with("/v1/manage/"));
    public.filter(|(_, item)| !streams(item)).map(operation).collect()
}

fn parameter(described: &Value) -> Parameter {
    let example = described.get("example").map(|example| example.as_str().map_or(example.to_string(), str::to_owned));
    Parameter {
        name: described["name"].as_str().expect("a name").to_owned(),
        in_path: described["in"] == "path",
        required: described["required"] == true,
        schema: described["schema"].clone(),
        example,
    }
}
