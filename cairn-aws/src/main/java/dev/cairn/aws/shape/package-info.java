/// What AWS's services say to each other: operations, their inputs and outputs, and which values
/// are allowed.
///
/// A [ServiceModel] is AWS's own description of a service (the "C2J" form of its SDK models), read
/// without its documentation texts. [ServiceCatalog] has those of all services that Cairn's build
/// found in AWS's model artifact, completed by overlays of our own, and reads one when it is first
/// asked for. [Violations] tells what is wrong with an input, in AWS's words.
///
/// **Documents.** Requests and answers are Jackson trees of one fixed form, whatever the wire
/// protocol:
///
/// | shape | node |
/// |---|---|
/// | structure, map | `ObjectNode`, keyed by member name (never by wire name); absent members are absent, not null |
/// | list | `ArrayNode` |
/// | string | `TextNode` |
/// | integer, long | `IntNode`, `LongNode` |
/// | float, double | `DoubleNode`, NaN and the infinities included |
/// | boolean | `BooleanNode` |
/// | timestamp | a number: epoch seconds, with a fraction where there is one (`DecimalNode`, `LongNode`) |
/// | blob | `BinaryNode` |
/// | document | any JSON |
@NullMarked
package dev.cairn.aws.shape;

import org.jspecify.annotations.NullMarked;
