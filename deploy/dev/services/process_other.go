//go:build !linux

package main

import "syscall"

// commandAttributes asks for nothing: only Linux can tie the life of a child to its parent's.
func commandAttributes() *syscall.SysProcAttr { return nil }
