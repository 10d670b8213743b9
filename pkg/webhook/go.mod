module github.com/hookline/hookline/pkg/webhook

go 1.24
