package dev.cairn.gateway.decoding;

import dev.cairn.aws.http.Percent;
import dev.cairn.aws.http.Request;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// Whom a request's signature addresses, and how it is signed. Read leniently: whether the
/// signature is right is the upstream's matter, and what is wrongly signed is recorded too.
///
/// @param service the signing name; null where there is none (unsigned, or Signature Version 2)
/// @param region null where there is none
/// @param version `SigV4`, `SigV4A` or `SigV2`; null for unsigned calls
/// @param inQuery whether the signature stands in the query: a presigned request
record CallScope(
        @Nullable String service,
        @Nullable String region,
        @Nullable String version,
        boolean inQuery) {

    private static final CallScope UNSIGNED = new CallScope(null, null, null, false);

    static CallScope of(Request request) {
        String authorization = request.headers().first("authorization").orElse("");
        if (authorization.startsWith("AWS4-")) {
            int credential = authorization.indexOf("Credential=");
            if (credential >= 0) {
                int start = credential + "Credential=".length();
                int end = start;
                while (end < authorization.length()
                        && " ,\t".indexOf(authorization.charAt(end)) < 0) {
                    end++;
                }
                return v4(
                        authorization.substring(start, end),
                        authorization.startsWith("AWS4-ECDSA"),
                        regionSet(request),
                        false);
            }
            return new CallScope(null, null, "SigV4", false);
        }
        if (authorization.startsWith("AWS ")) {
            return new CallScope(null, null, "SigV2", false);
        }
        String query = request.rawQuery();
        if (query.contains("X-Amz-Credential=")) {
            return v4(
                    parameter(query, "X-Amz-Credential="),
                    query.contains("X-Amz-Algorithm=AWS4-ECDSA"),
                    parameter(query, "X-Amz-Region-Set="),
                    true);
        }
        return query.contains("AWSAccessKeyId=") && query.contains("Signature=")
                ? new CallScope(null, null, "SigV2", true)
                : UNSIGNED;
    }

    /// @param credential `key/date/region/service/aws4_request`; of asymmetric signatures without
    ///   the region
    private static CallScope v4(
            String credential, boolean asymmetric, String regionSet, boolean inQuery) {
        // From the end: a key, though no key of AWS's, may hold a slash.
        String[] parts = credential.split("/", -1);
        int service = parts.length - 2;
        int least = asymmetric ? 2 : 3;
        String version = asymmetric ? "SigV4A" : "SigV4";
        if (service < least || parts[service].isEmpty()) {
            return new CallScope(null, null, version, inQuery);
        }
        String region = asymmetric ? regionSet : parts[service - 1];
        boolean one = !region.isEmpty() && region.indexOf('*') < 0 && region.indexOf(',') < 0;
        return new CallScope(parts[service], one ? region : null, version, inQuery);
    }

    private static String regionSet(Request request) {
        return request.headers().first("x-amz-region-set").orElse("");
    }

    private static String parameter(String query, String nameAndEquals) {
        int at = query.startsWith(nameAndEquals) ? 0 : query.indexOf("&" + nameAndEquals) + 1;
        if (at == 0 && !query.startsWith(nameAndEquals)) {
            return "";
        }
        int start = at + nameAndEquals.length();
        int end = query.indexOf('&', start);
        return new String(
                Percent.decodeQuery(query.substring(start, end < 0 ? query.length() : end)),
                StandardCharsets.UTF_8);
    }
}
