/// A *KMS key* encrypts small things and the keys of large ones, and never leaves: what AWS's Key
/// Management Service calls a symmetric encryption key
/// (https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html).
///
/// Read [dev.cairn.kms.KmsKeys] first (which keys there are, and what may be done with each), then
/// [dev.cairn.kms.KeyUse] (how they encrypt). A key's *material* is what really encrypts; rotation
/// gives it new one and keeps the old, so that what was encrypted before still opens. Material is
/// kept sealed under the master key. It guards I2 for keys: no ciphertext is handed out whose
/// material is not durable.
@NullMarked
package dev.cairn.kms;

import org.jspecify.annotations.NullMarked;
