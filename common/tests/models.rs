//! The building blocks of models: open enums, ids and three-state fields.

use mft_common::{Deleted, Patch, Secret};
use proptest::prelude::*;
use serde::{Deserialize, Serialize};

mft_common::open_enum! {
    /// How a parcel is transported.
    Carriage {
        /// By road.
        Road = "road",
        /// By ship.
        Sea = "By Sea",
    }
}

mft_common::id! {
    /// A parcel.
    ParcelId
}

#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
struct Change<T> {
    #[serde(
        default = "Patch::default",
        skip_serializing_if = "Patch::is_keep",
        bound(deserialize = "T: Deserialize<'de>")
    )]
    notes: Patch<T>,
}

fn patch<T: std::fmt::Debug + Clone + 'static>(
    value: impl Strategy<Value = T> + 'static,
) -> impl Strategy<Value = Patch<T>> {
    prop_oneof![Just(Patch::Keep), Just(Patch::Clear), value.prop_map(Patch::Set)]
}

proptest! {
    #[test]
    fn an_open_enum_preserves_any_value(word in "\\PC{0,20}|road|By Sea|[ -~]{0,10}") {
        let json = serde_json::to_string(&word).unwrap();
        let carriage: Carriage = serde_json::from_str(&json).unwrap();
        prop_assert_eq!(serde_json::to_string(&carriage).unwrap(), json);
        prop_assert_eq!(carriage.as_str(), &word);
        prop_assert_eq!(carriage.to_string(), word.clone());
        prop_assert_eq!(&carriage, &Carriage::from(word.as_str()));
        prop_assert_eq!(&carriage, &Carriage::from(word.clone()));
        prop_assert_eq!(matches!(carriage, Carriage::Unknown(_)), word != "road" && word != "By Sea");
    }

    #[test]
    fn an_id_is_never_changed(text in "\\PC{0,40}", number in any::<u64>(), signed in any::<i64>()) {
        let json = serde_json::to_string(&text).unwrap();
        let id: ParcelId = serde_json::from_str(&json).unwrap();
        prop_assert_eq!(id.as_str(), &text);
        prop_assert_eq!(serde_json::to_string(&id).unwrap(), json);
        prop_assert_eq!(&text.parse::<ParcelId>().unwrap(), &id);
        // An id is the same as number and as string.
        for number in [number.to_string(), signed.to_string()] {
            prop_assert_eq!(serde_json::from_str::<ParcelId>(&number).unwrap(), ParcelId::from(number.as_str()));
        }
    }

    #[test]
    fn a_field_of_an_update_survives_a_round_trip(text in patch("\\PC{0,12}"), number in patch(any::<i64>())) {
        let text = Change { notes: text };
        let json = serde_json::to_value(&text).unwrap();
        let on_the_wire = match &text.notes {
            Patch::Keep => serde_json::json!({}),
            Patch::Clear => serde_json::json!({ "notes": null }),
            Patch::Set(value) => serde_json::json!({ "notes": value }),
        };
        prop_assert_eq!(&json, &on_the_wire);
        prop_assert_eq!(serde_json::from_value::<Change<String>>(json).unwrap(), text);
        let number = Change { notes: number };
        let json = serde_json::to_string(&number).unwrap();
        prop_assert_eq!(serde_json::from_str::<Change<i64>>(&json).unwrap(), number);
    }

    #[test]
    fn a_secret_keeps_its_text_and_does_not_print_it(text in "[a-z]{4}[ -~]{4,20}") {
        let json = serde_json::to_string(&text).unwrap();
        let secret: Secret = serde_json::from_str(&json).unwrap();
        prop_assert_eq!(secret.expose(), &text);
        prop_assert_eq!(format!("{secret:?} {secret:#?}"), "Secret(***) Secret(***)");
        prop_assert!(secret == Secret::new(text.clone()) && secret != Secret::new(text + "x"));
    }
}

#[test]
fn ids_and_enums_of_another_type_are_rejected() {
    for json in ["null", "true", "1.5", "[]", "{}", "1e3"] {
        assert!(serde_json::from_str::<ParcelId>(json).is_err(), "{json}");
        assert!(serde_json::from_str::<Carriage>(json).is_err(), "{json}");
    }
    assert_eq!(Carriage::KNOWN, [Carriage::Road, Carriage::Sea]);
    assert_eq!((Deleted::Now(7).into_object(), Deleted::<u8>::AlreadyGone.into_object()), (Some(7), None));
}
