//! The names in the story.

/// The states that have troubles come first, so that a small world has them too.
pub(super) const STATES: [&str; 50] = [
    "california",
    "texas",
    "north-carolina",
    "georgia",
    "ohio",
    "virginia",
    "florida",
    "alabama",
    "alaska",
    "arizona",
    "arkansas",
    "colorado",
    "connecticut",
    "delaware",
    "hawaii",
    "idaho",
    "illinois",
    "indiana",
    "iowa",
    "kansas",
    "kentucky",
    "louisiana",
    "maine",
    "maryland",
    "massachusetts",
    "michigan",
    "minnesota",
    "mississippi",
    "missouri",
    "montana",
    "nebraska",
    "nevada",
    "new-hampshire",
    "new-jersey",
    "new-mexico",
    "new-york",
    "north-dakota",
    "oklahoma",
    "oregon",
    "pennsylvania",
    "rhode-island",
    "south-carolina",
    "south-dakota",
    "tennessee",
    "utah",
    "vermont",
    "washington",
    "west-virginia",
    "wisconsin",
    "wyoming",
];

/// Departments of states, which are tenants of their own where there are more than fifty.
const DEPARTMENTS: [&str; 9] =
    ["courts", "health", "revenue", "schools", "transit", "parks", "police", "labor", "elections"];

/// What an environment consists of; the first three take traffic.
const SERVICES: [&str; 12] = [
    "web",
    "api",
    "worker",
    "scheduler",
    "reports",
    "mailer",
    "search",
    "documents",
    "payroll",
    "billing",
    "audit",
    "exports",
];

/// The tenant at `index`.
pub(super) fn tenant(index: u32) -> String {
    let index = index as usize;
    let state = STATES[index % STATES.len()];
    match index / STATES.len() {
        0 => state.to_owned(),
        round => match DEPARTMENTS.get(round - 1) {
            Some(department) => format!("{state}-{department}"),
            None => format!("{state}-county{round}"),
        },
    }
}

/// The service at `index`.
pub(super) fn service(index: u32) -> String {
    SERVICES.get(index as usize).map_or_else(|| format!("service{index}"), |name| (*name).to_owned())
}

/// The port that the service at `index` takes traffic on.
pub(super) fn port(index: u32) -> Option<u16> {
    match index {
        0 => Some(8080),
        1 => Some(8081),
        _ => None,
    }
}
