package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
)

// policyFile is where Debian's packages ask whether they may start their services.
const policyFile = "/usr/sbin/policy-rc.d"

// install puts a Debian package on the machine, where that is possible: as root, with apt-get. Its error says why not.
func (s *stack) install(ctx context.Context, pkg string) error {
	if _, err := exec.LookPath("apt-get"); err != nil {
		return fmt.Errorf("installing %s: there is no apt-get", pkg)
	}
	if os.Getuid() != 0 {
		return fmt.Errorf("installing %s: only root may", pkg)
	}
	release, err := forbidServiceStart()
	if err != nil {
		return fmt.Errorf("installing %s: %w", pkg, err)
	}
	defer release()
	say("installing the package %s", pkg)
	if !s.aptUpdated {
		if err := aptGet(ctx, "update"); err != nil {
			return err
		}
		s.aptUpdated = true
	}
	return aptGet(ctx, "install", "-y", "--no-install-recommends", pkg)
}

// aptGet runs apt-get without questions, waiting for another run on the machine. An interrupt is handed to it as such:
// killed in the middle it would leave packages half configured.
func aptGet(ctx context.Context, args ...string) error {
	options := []string{"-q", "-o", "DPkg::Lock::Timeout=180"}
	cmd := exec.CommandContext(ctx, "apt-get", append(options, args...)...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("apt-get %s: %w", args[0], err)
	}
	return nil
}

// forbidServiceStart keeps the packages from starting servers on the standard ports, which nobody asked for, until
// release is called. A policy that the machine already has stays as it is.
func forbidServiceStart() (release func(), err error) {
	f, err := os.OpenFile(policyFile, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o755)
	if errors.Is(err, fs.ErrExist) {
		return func() {}, nil
	}
	if err != nil {
		return nil, err
	}
	release = func() {
		if err := os.Remove(policyFile); err != nil {
			say("could not remove %s: %v", policyFile, err)
		}
	}
	_, err = f.WriteString("#!/bin/sh\nexit 101\n") // 101: action forbidden by policy
	if err = errors.Join(err, f.Close()); err != nil {
		release()
		return nil, err
	}
	return release, nil
}
