#include "base/proxy.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace slipway {
namespace {

std::string describe(const Result<UrlOrigin>& origin) {
  return origin ? origin->scheme + " " + to_string(*origin) : origin.error().message;
}

TEST(OriginOfAUrl, IsWhomToTalkTo) {
  struct Case {
    std::string url, wanted;
  };
  for (const auto& [url, wanted] : {
           Case{"https://ecs.eu-west-1.amazonaws.com/", "https ecs.eu-west-1.amazonaws.com:443"},
           Case{"http://127.0.0.1:5599/path?q", "http 127.0.0.1:5599"},
           Case{"HTTP://Example.COM", "http example.com:80"},
           Case{"http://x?a=http://y:7/", "http x:80"},
           Case{"https://[fd00:EC2::254]/latest", "https [fd00:ec2::254]:443"},
           Case{"https://[::1]:8443", "https [::1]:8443"},
           Case{"ecs.eu-west-1.amazonaws.com",
                "\"ecs.eu-west-1.amazonaws.com\" is not an absolute URL"},
           Case{"ftp://x/", "\"ftp://x/\" is neither an http nor an https URL"},
           Case{"http:///path", "\"http:///path\" names no host"},
           Case{"http://x:0/", "\"http://x:0/\" has a port that is not one"},
           Case{"http://x:65536/", "\"http://x:65536/\" has a port that is not one"},
           Case{"http://x:/", "\"http://x:/\" has a port that is not one"},
           Case{"http://me:secret@x/",
                "\"http://me:secret@x/\" carries a user name, which no AWS endpoint takes"},
           Case{"http://a b/", "\"http://a b/\" has characters in its host that no host name has"},
           Case{"http://m\xc3\xbcnchen/",
                "\"http://m\xc3\xbcnchen/\" has characters in its host that no host name has"},
       }) {
    SCOPED_TRACE(url);
    EXPECT_EQ(describe(parse_origin(url)), wanted);
  }
}

std::string chosen(std::map<std::string, std::string> variables, const std::string& url) {
  const std::optional<Proxy> proxy =
      ProxyRules::from(Environment(std::move(variables))).proxy_for(parse_origin(url).value());
  return proxy ? to_string(*proxy) : "direct";
}

TEST(ProxyOfARequest, ComesFromTheVariableOfItsScheme) {
  struct Case {
    std::map<std::string, std::string> variables;
    std::string url, wanted;
  };
  for (const auto& [variables, url, wanted] : {
           Case{{}, "https://x/", "direct"},
           Case{{{"HTTPS_PROXY", "http://p:3128"}},
                "https://x/",
                "the proxy http://p:3128 (HTTPS_PROXY)"},
           Case{{{"HTTPS_PROXY", "http://p:3128"}}, "http://x/", "direct"},
           Case{{{"https_proxy", "low:1"}, {"HTTPS_PROXY", "up:2"}},
                "https://x/",
                "the proxy low:1 (https_proxy)"},
           Case{{{"https_proxy", ""}, {"HTTPS_PROXY", "up:2"}}, "https://x/", "direct"},
           Case{{{"https_proxy", ""}, {"ALL_PROXY", "all:2"}}, "https://x/", "direct"},
           Case{{{"HTTP_PROXY", "up:2"}}, "http://x/", "the proxy up:2 (HTTP_PROXY)"},
           Case{{{"HTTP_PROXY", "up:2"}, {"REQUEST_METHOD", "GET"}}, "http://x/", "direct"},
           Case{{{"http_proxy", "low:2"}, {"REQUEST_METHOD", "GET"}},
                "http://x/",
                "the proxy low:2 (http_proxy)"},
           Case{{{"ALL_PROXY", "socks5h://s:1080"}},
                "http://x/",
                "the proxy socks5h://s:1080 (ALL_PROXY)"},
           Case{{{"ALL_PROXY", "a:1"}, {"https_proxy", "b:2"}},
                "https://x/",
                "the proxy b:2 (https_proxy)"},
           Case{{{"https_proxy", "http://me:pass@p:3128"}},
                "https://x/",
                "the proxy http://p:3128 (https_proxy)"},
           Case{
               {{"https_proxy", "me:p@ss@p:3128"}}, "https://x/", "the proxy p:3128 (https_proxy)"},
           Case{{{"ALL_PROXY", "a:1"}}, "http://localhost:4566/", "direct"},
           Case{{{"ALL_PROXY", "a:1"}}, "http://ecs.localhost:4566/", "direct"},
           Case{{{"ALL_PROXY", "a:1"}}, "http://127.1.2.3/", "direct"},
           Case{{{"ALL_PROXY", "a:1"}}, "http://[::1]:4566/", "direct"},
           Case{{{"ALL_PROXY", "a:1"}}, "http://[::2]:4566/", "the proxy a:1 (ALL_PROXY)"},
       }) {
    SCOPED_TRACE(url);
    EXPECT_EQ(chosen(variables, url), wanted);
  }
}

TEST(ProxyOfARequest, IsNotUsedForWhatNoProxyNames) {
  struct Case {
    std::string no_proxy, url;
    bool direct;
  };
  for (const auto& [no_proxy, url, direct] : {
           Case{"", "https://ecs.amazonaws.com/", false},
           Case{"*", "https://ecs.amazonaws.com/", true},
           Case{"amazonaws.com", "https://amazonaws.com/", true},
           Case{"amazonaws.com", "https://ecs.amazonaws.com/", true},
           Case{"amazonaws.com", "https://ecs.amazonaws.com./", true},
           Case{"amazonaws.com", "https://notamazonaws.com/", false},
           Case{"amazonaws.com", "https://amazonaws.com.evil/", false},
           Case{".amazonaws.com", "https://ecs.amazonaws.com/", true},
           Case{"*.amazonaws.com", "https://ecs.amazonaws.com/", true},
           Case{"*.AmazonAWS.com.", "https://ecs.amazonaws.com/", true},
           Case{"a.b,  .amazonaws.com\tc.d", "https://ecs.amazonaws.com/", true},
           Case{"x:443", "https://x/", true},
           Case{"x:8443", "https://x/", false},
           Case{"x:8443", "https://x:8443/", true},
           Case{"x:port", "https://x/", false},
           Case{"10.1.2.3", "https://10.1.2.3/", true},
           Case{"10.1.2.3:80", "https://10.1.2.3/", false},
           Case{"10.0.0.0/8", "https://10.1.2.3/", true},
           Case{"10.0.0.0/8", "https://11.1.2.3/", false},
           Case{"10.1.2.0/23", "https://10.1.3.255/", true},
           Case{"10.1.2.0/23", "https://10.1.4.0/", false},
           Case{"0.0.0.0/0", "https://10.1.4.0/", true},
           Case{"0.0.0.0/0", "https://[fd00::1]/", false},
           Case{"10.0.0.0/33", "https://10.0.0.0/", false},
           Case{"10.0.0.0/8", "https://10.0.0.evil/", false},
           Case{"2.3", "https://10.1.2.3/", false},
           Case{"fd00:ec2::254", "http://[fd00:ec2:0::254]/", true},
           Case{"[fd00:ec2::254]", "http://[fd00:ec2::254]/", true},
           Case{"[fd00:ec2::254]:80", "http://[fd00:ec2::254]/", true},
           Case{"[fd00:ec2::254]:81", "http://[fd00:ec2::254]/", false},
           Case{"fd00::/8", "http://[fd12::1]/", true},
           Case{"fd00::/8", "http://[fe80::1]/", false},
           Case{"10.1.2.3", "http://[::ffff:10.1.2.3]/", true},
       }) {
    SCOPED_TRACE(no_proxy + " and " + url);
    EXPECT_EQ(chosen({{"ALL_PROXY", "a:1"}, {"no_proxy", no_proxy}}, url),
              direct ? "direct" : "the proxy a:1 (ALL_PROXY)");
  }
  EXPECT_EQ(chosen({{"ALL_PROXY", "a:1"}, {"NO_PROXY", "x"}}, "http://x/"), "direct");
}

}  // namespace
}  // namespace slipway
