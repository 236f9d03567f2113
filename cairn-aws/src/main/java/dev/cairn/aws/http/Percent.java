package dev.cairn.aws.http;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/// Percent-encoding (RFC 3986), the same for what is signed and for what is read.
public final class Percent {

    private static final String UNRESERVED =
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~";
    private static final String HEX = "0123456789ABCDEF";

    private Percent() {}

    /// Decodes a path or a part of it; a `%` not followed by two hex digits stands for itself.
    public static byte[] decodePath(String text) {
        return decode(text, false);
    }

    /// Decodes a name or value of a query or form, where `+` is a blank.
    public static byte[] decodeQuery(String text) {
        return decode(text, true);
    }

    private static byte[] decode(String text, boolean plusIsBlank) {
        byte[] in = text.getBytes(StandardCharsets.UTF_8);
        var out = new ByteArrayOutputStream(in.length);
        for (int i = 0; i < in.length; i++) {
            if (in[i] == '%'
                    && i + 2 < in.length
                    && digit(in[i + 1]) >= 0
                    && digit(in[i + 2]) >= 0) {
                out.write((digit(in[i + 1]) << 4) | digit(in[i + 2]));
                i += 2;
            } else {
                out.write(plusIsBlank && in[i] == '+' ? ' ' : in[i]);
            }
        }
        return out.toByteArray();
    }

    /// Encodes every byte that is not unreserved.
    public static String encode(byte[] bytes) {
        var out = new StringBuilder(bytes.length + 16);
        for (byte b : bytes) {
            char c = (char) (b & 0xff);
            if (UNRESERVED.indexOf(c) >= 0) {
                out.append(c);
            } else {
                out.append('%').append(HEX.charAt(c >> 4)).append(HEX.charAt(c & 15));
            }
        }
        return out.toString();
    }

    private static int digit(byte hex) {
        return Character.digit(hex, 16);
    }
}
