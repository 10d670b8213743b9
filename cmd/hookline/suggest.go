package main

import (
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/hookline/hookline/internal/config"
)

// nearestFlag finds the flag that was probably meant; empty when none is close.
func nearestFlag(c *cobra.Command, name string) string {
	var known []string
	c.Flags().VisitAll(func(f *pflag.Flag) { known = append(known, f.Name) })
	return config.Nearest(name, known)
}
