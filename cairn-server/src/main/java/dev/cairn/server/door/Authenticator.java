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
import java.util.Set;

/// Finds out who asks: by signature, or by bearer token.
public final class Authenticator {
    private static final int SIGNING_KEYS_MAX = 10_000;
    private static final int CHUNK_BYTES_MAX = 16 << 20;
    private static final String BEARER = "Bearer ";

    /// The SHA-256 of no bytes.
    private static final String EMPTY_SHA256 =
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

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

    /// What the head of a request tells already, asked before its body is taken in.
    sealed interface Head {
        /// Such a signature is refused whatever the body is.
        record Refused(Verdict.Refused verdict) implements Head {}

        /// The caller is who they say; the body may still have another hash than they declared.
        record Known(Caller caller, Verdict.Verified verified) implements Head {}

        /// The signature covers the body itself: nothing is known before that is there.
        record Open() implements Head {}
    }

    /// Checks a signature by the head alone; whoever reads the body has to see that it is the one
    /// that the head names.
    Head head(Signature.Signed signed) throws CatalogException {
        var signer = accounts.signer(signed.scope().accessKeyId());
        if (signer.isEmpty()) {
            return new Head.Refused(new Verdict.Refused(Refusal.UNKNOWN_KEY, Optional.empty()));
        }
        if (signed.payload() instanceof Payload.Whole) {
            return new Head.Open();
        }
        var secret = signer.get().secretAccessKey().reveal();
        return switch (verifier.verify(signed, secret, clock.instant())) {
            case Verdict.Verified verified -> new Head.Known(signer.get().caller(), verified);
            case Verdict.Refused refused -> new Head.Refused(refused);
        };
    }

    /// Checks a signature whose head was found in order.
    ///
    /// @param bodySha256 of the body that came, lower-case hex
    Outcome withBody(Head head, Signature.Signed signed, String bodySha256)
            throws CatalogException {
        return switch (head) {
            case Head.Open() -> signed(signed, bodySha256);
            case Head.Refused(var refused) -> new Outcome.Refused(refused);
            // The key may have been revoked while the body came.
            case Head.Known _ when accounts.signer(signed.scope().accessKeyId()).isEmpty() ->
                    new Outcome.Refused(new Verdict.Refused(Refusal.UNKNOWN_KEY, Optional.empty()));
            case Head.Known(Caller caller, Verdict.Verified verified) ->
                    signed.payload() instanceof Payload.Declared(String declared)
                                    && !declared.equals(bodySha256)
                            ? new Outcome.Refused(
                                    new Verdict.Refused(Refusal.PAYLOAD, Optional.empty()))
                            : new Outcome.Known(caller, verified);
        };
    }

    /// Checks a signature at once.
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

    /// The body that a verified signature covers: of a chunked one, the chunks' contents, each
    /// checked as it is read.
    static InputStream body(Verdict.Verified verified, InputStream raw) {
        return verified.signed().payload() instanceof Payload.Chunked
                ? new AwsChunkedInputStream(raw, verified, OptionalLong.empty(), CHUNK_BYTES_MAX)
                : raw;
    }

    /// Who sends a request that has no body: signed for one of these services, or with a token;
    /// empty when that is nobody who is known.
    Optional<Caller> bodiless(Exchange exchange, Signature signature, Set<String> services)
            throws CatalogException {
        if (signature instanceof Signature.Signed signed
                && services.contains(signed.scope().service())) {
            return signed(signed, EMPTY_SHA256) instanceof Outcome.Known(Caller caller, _)
                    ? Optional.of(caller)
                    : Optional.empty();
        }
        return bearer(exchange);
    }

    /// Who bears the request's token; empty when it has none that is known.
    Optional<Caller> bearer(Exchange exchange) throws CatalogException {
        var authorization = exchange.header("authorization").orElse("");
        return authorization.startsWith(BEARER)
                ? accounts.bearer(authorization.substring(BEARER.length()).strip())
                : Optional.empty();
    }
}
