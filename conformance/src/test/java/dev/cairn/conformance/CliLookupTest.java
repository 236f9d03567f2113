package dev.cairn.conformance;

import java.util.List;

/// By the AWS CLI.
final class CliLookupTest extends LookupContract {

    CliLookupTest() throws Exception {}

    @Override
    LookupClient client(LiveServer live, LiveServer.Credentials credentials, String region) {
        return new CliClient(live.home(), live.endpoint(), credentials, region);
    }

    /// Each page is a process.
    @Override
    List<Integer> pageSizes() {
        return List.of(1, 50);
    }
}
