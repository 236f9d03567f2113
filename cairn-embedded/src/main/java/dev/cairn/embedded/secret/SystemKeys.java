package dev.cairn.embedded.secret;

import dev.cairn.digest.RegionKeys;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;

/// RSA pairs from the operating system's chance.
public final class SystemKeys implements RegionKeys.KeyMaker {
    private static final int BITS = 2048;

    @Override
    public KeyPair make() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(BITS, new SecureRandom());
            return generator.generateKeyPair();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has RSA", e);
        }
    }
}
