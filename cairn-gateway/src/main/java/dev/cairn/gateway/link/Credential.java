package dev.cairn.gateway.link;

import dev.cairn.aws.http.Request;
import dev.cairn.aws.sigv4.Payload;
import dev.cairn.aws.sigv4.RequestSigner;
import dev.cairn.secret.Secret;
import java.time.Instant;
import java.util.Optional;

/// By what a gateway proves to a Cairn that it may record.
public sealed interface Credential {

    /// A bearer token made with `cairn token create --for gateway`.
    record Token(Secret text) implements Credential {
        @Override
        public Request sign(Request request, String bodySha256, Instant now) {
            return request.with(request.headers().plus("Authorization", "Bearer " + text.reveal()));
        }
    }

    /// An access key of the default account's root.
    ///
    /// @param sessionToken of keys for a time
    record Key(String accessKeyId, Secret secretAccessKey, Optional<Secret> sessionToken)
            implements Credential {
        /// Cairn asks none for a meaning.
        private static final String REGION = "us-east-1";

        @Override
        public Request sign(Request request, String bodySha256, Instant now) {
            return new RequestSigner(
                            accessKeyId,
                            secretAccessKey.reveal(),
                            sessionToken.map(Secret::reveal),
                            REGION,
                            "cairn")
                    .sign(request, new Payload.Declared(bodySha256), bodySha256, now);
        }
    }

    /// The same request with what proves it.
    ///
    /// @param request with its `Host`
    /// @param bodySha256 64 lower-case hex digits
    Request sign(Request request, String bodySha256, Instant now);
}
