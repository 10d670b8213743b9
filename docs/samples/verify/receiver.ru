# rackup -p 3000 receiver.ru
Headers = Struct.new(:env) do
  def [](name) = env["HTTP_" + name.upcase.tr("-", "_")]
end

run lambda { |env|
  if verify(ENV.fetch("HOOKLINE_WEBHOOK_SECRET"), Headers.new(env), env["rack.input"].read)
    puts "received #{env["HTTP_WEBHOOK_ID"]}" # put the body in a queue here
    [204, {}, []]
  else
    [401, {"content-type" => "text/plain"}, ["not genuine"]]
  end
}
