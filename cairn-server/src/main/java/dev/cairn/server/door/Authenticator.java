package dev.cairn.server.door;

import dev.cairn.account.Accounts;
import dev.cairn.account.Caller;
import dev.cairn.aws.sigv4.AwsChunkedInputStream;
import dev.cairn.aws.sigv4.Payload;
import dev.cairn.aws.sigv4.Refusal;
import dev.cairn.aws.sigv4.Signature;
import dev.cairn.aws.sigv4.SignatureVerifier;
import dev.cairn.aws.sigv4.Verdict;
import dev.cairn.catalog.CatalogException;
import dev.cairn.server.http.Exchange;
import java.io.InputStream;
import java.time.InstantSource;
import java.util.Optional;
import java.util.OptionalLong;

/// Finds out who asks: by signature, or by bearer token.
public final class Authenticator {
    private static final int SIGNING_KEYS_MAX = 10_000;
    private static final int CHUNK_BYTES_MAX = 16 << 20;
    private static final String BEARER = "Bearer ";

    private final Accounts accounts;
    private final SignatureVerifier verifier = new SignatureVerifier(SIGNING_KEYS_MAX);
    private final InstantSource clock;

    public Authenticator(Accounts accounts, InstantSource clock) {
        this.accounts = accounts;
        this.clock = clock;
    }

    /// What came of it.
    sealed interface Outcome {
        /// The caller is who they say.
        record Known(Caller caller, Verdict.Verified verified) implements Outcome {}

        /// The signature is not accepted.
        record Refused(Verdict.Refused verdict) implements Outcome {}
    }

    /// What the head of a request tells already: such a signature is refused whatever the body is.
    /// Asked before a large body is taken in, so that strangers cannot fill the disk.
    Optional<Verdict.Refused> refusedByHead(Signature.Signed signed) throws CatalogException {
        var signer = accounts.signer(signed.scope().accessKeyId());
        if (signer.isEmpty()) {
            return Optional.of(new Verdict.Refused(Refusal.UNKNOWN_KEY, Optional.empty()));
        }
        if (signed.payload() instanceof Payload.Whole) {
            return Optional.empty();
        }
        var secret = signer.get().secretAccessKey().reveal();
        return verifier.verify(signed, secret, clock.instant()) instanceof Verdict.Refused refused
                ? Optional.of(refused)
                : Optional.empty();
    }

    /// Checks a signature.
    ///
    /// @param bodySha256 of the body that came, lower-case hex
    Outcome signed(Signature.Signed signed, String bodySha256) throws CatalogException {
        var signer = accounts.signer(signed.scope().accessKeyId());
        if (signer.isEmpty()) {
            return new Outcome.Refused(new Verdict.Refused(Refusal.UNKNOWN_KEY, Optional.empty()));
        }
        var secret = signer.get().secretAccessKey().reveal();
        return switch (verifier.verify(signed, secret, clock.instant(), bodySha256)) {
            case Verdict.Verified verified -> new Outcome.Known(signer.get().caller(), verified);
            case Verdict.Refused refused -> new Outcome.Refused(refused);
        };
    }

    /// Checks a signature by the head alone, which names the hash of the body or says that it is
    /// not signed; whoever reads the body has to see that it is that one.
    Outcome head(Signature.Signed signed) throws CatalogException {
        var signer = accounts.signer(signed.scope().accessKeyId());
        if (signer.isEmpty()) {
            return new Outcome.Refused(new Verdict.Refused(Refusal.UNKNOWN_KEY, Optional.empty()));
        }
        var secret = signer.get().secretAccessKey().reveal();
        return switch (verifier.verify(signed, secret, clock.instant())) {
            case Verdict.Verified verified -> new Outcome.Known(signer.get().caller(), verified);
            case Verdict.Refused refused -> new Outcome.Refused(refused);
        };
    }

    /// The body that a verified signature covers: of a chunked one, the chunks' contents, each
    /// checked as it is read.
    static InputStream body(Verdict.Verified verified, InputStream raw) {
        return verified.signed().payload() instanceof Payload.Chunked
                ? new AwsChunkedInputStream(raw, verified, OptionalLong.empty(), CHUNK_BYTES_MAX)
                : raw;
    }

    /// Who bears the request's token; empty when it has none that is known.
    Optional<Caller> bearer(Exchange exchange) throws CatalogException {
        var authorization = exchange.header("authorization").orElse("");
        return authorization.startsWith(BEARER)
                ? accounts.bearer(authorization.substring(BEARER.length()).strip())
                : Optional.empty();
    }
}
