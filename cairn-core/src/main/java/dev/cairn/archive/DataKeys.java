package dev.cairn.archive;

/// Where a built-in archive gets the keys from that objects are encrypted under, each under its
/// own. Any thread may call any method.
public interface DataKeys {

    /// No KMS: nothing can be encrypted under its keys.
    DataKeys NONE =
            new DataKeys() {
                @Override
                public DataKey generate(Archive.Writer as, String objectArn)
                        throws ArchiveException {
                    throw none(String.valueOf(as.kmsKey()));
                }

                @Override
                public byte[] open(WrappedKey wrapped) throws ArchiveException {
                    throw none(wrapped.kmsKey());
                }

                private static ArchiveException none(String kmsKey) {
                    return new ArchiveException(
                            ArchiveException.Kind.DENIED,
                            "KMS.NotFoundException",
                            "expected the KMS key %s, there are none here".formatted(kmsKey));
                }
            };

    /// Makes a key for an object that is put for a trail, as the service that delivers: the KMS
    /// key's policy is asked.
    ///
    /// @param as who puts it, with a KMS key
    /// @param objectArn what is put
    /// @throws ArchiveException DENIED, with S3's code such as `KMS.DisabledException`, when the
    ///   KMS key may not be used; UNAVAILABLE when that cannot be told
    DataKey generate(Archive.Writer as, String objectArn) throws ArchiveException;

    /// Opens the key of an object for Cairn itself, which looks whether it is what was delivered
    /// and tells nobody what is in it. No policy is asked; a KMS key that is disabled or gone opens
    /// nothing.
    ///
    /// @throws ArchiveException as [#generate]
    byte[] open(WrappedKey wrapped) throws ArchiveException;
}
