package dev.cairn.embedded.secret;

import dev.cairn.secret.Secrets;
import java.security.SecureRandom;

/// Bytes from the operating system's generator.
public final class SystemSecrets implements Secrets {
    private final SecureRandom random = new SecureRandom();

    @Override
    public byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        random.nextBytes(bytes);
        return bytes;
    }
}
