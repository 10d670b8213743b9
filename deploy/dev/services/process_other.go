//go:build !linux

package main

import "syscall"

// commandAttributes asks for nothing: only Linux can tie the life of a child to its parent's.
func commandAttributes() *syscall.SysProcAttr { return nil }

// serverAttributes asks for nothing either: away from Linux the servers run as the user who started the launcher.
func serverAttributes(*account) *syscall.SysProcAttr { return nil }
