package dev.cairn.aws.http;

import java.net.URI;

/// What a client sends as `Host`, which signatures cover.
public final class Authority {
    private Authority() {}

    /// The host of an address, and its port where that is not the scheme's own.
    ///
    /// @param address of `http` or `https`
    public static String of(URI address) {
        var usual = address.getScheme().equalsIgnoreCase("https") ? 443 : 80;
        return address.getPort() < 0 || address.getPort() == usual
                ? address.getHost()
                : address.getHost() + ":" + address.getPort();
    }
}
