package dev.cairn.conformance;

/// By AWS SDK for JavaScript 3.
final class JavaScriptSdkLookupTest extends LookupContract {

    JavaScriptSdkLookupTest() throws Exception {}

    @Override
    LookupClient client(LiveServer live, LiveServer.Credentials credentials, String region)
            throws Exception {
        return new JavaScriptClient(live.endpoint(), credentials, region);
    }
}
