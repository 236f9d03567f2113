/// A *key* that an outside service keeps: AWS KMS, or one that speaks like it, and HashiCorp
/// Vault's transit engine.
///
/// Read [dev.cairn.distributed.key.KeyServices] first. It guards that what is told of a failure
/// says what to do, and never holds a key.
@NullMarked
package dev.cairn.distributed.key;

import org.jspecify.annotations.NullMarked;
