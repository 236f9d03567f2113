package dev.cairn.conformance;

/// By AWS SDK for Java 2.
final class JavaSdkLookupTest extends LookupContract {

    JavaSdkLookupTest() throws Exception {}

    @Override
    LookupClient client(LiveServer live, LiveServer.Credentials credentials, String region)
            throws Exception {
        return new JavaSdkClient(live.endpoint(), credentials, region);
    }
}
